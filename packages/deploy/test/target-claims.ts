import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { DeployChange, DeployTarget } from "../src/index.ts";

/** A target with what a test needs to know of what is really in it. */
export interface TargetRoom extends AsyncDisposable {
  /** Another deployer of the same place each time. */
  open(): DeployTarget;
  /** What anybody would find in our folder, our own books apart. */
  files(): Promise<Readonly<Record<string, string>>>;
  /** Puts a file there as somebody else would. */
  putForeign(path: string, text: string): Promise<void>;
  /** Spoils our manifest. */
  removeForeign(path: string): Promise<void>;
}

export const signal = AbortSignal.timeout(600_000);
export const change = (put: Readonly<Record<string, string>>, ...remove: string[]): DeployChange => ({
  put: Object.entries(put).map(([path, text]) => ({ path, text })),
  remove,
  message: "Deploy orders",
});
const hash = (text: string): string => createHash("sha256").update(text).digest("hex");
const code = (error: unknown): unknown => (error as { code?: unknown }).code;

/** What every target promises. */
export const describeTarget = (name: string, createRoom: () => Promise<TargetRoom>): void => {
  describe(`a ${name} as target`, () => {
    it("takes files with what they need, and lists them by content", async () => {
      await using room = await createRoom();
      const target = room.open();
      expect(await target.list({ signal })).toEqual(new Map());
      const put = {
        "pipeline_a.py": "a = 1\n",
        "runtime_1/airflow.py": "x = 'ü\u2028'\n",
        ".airflowignore": "runtime_*\n",
      };
      const outcome = await target.apply(change(put), { signal });
      expect(outcome.written).toEqual([".airflowignore", "pipeline_a.py", "runtime_1/airflow.py"]);
      expect(await room.files()).toEqual(put);
      const listed = Object.entries(put).map(([path, text]) => [path, hash(text)] as const);
      expect(await room.open().list({ signal })).toEqual(new Map(listed));
      await target.close();
    });

    it("leaves alone what is there with the same content, and replaces what is not", async () => {
      await using room = await createRoom();
      const target = room.open();
      const first = await target.apply(change({ "a.py": "1", "b.py": "1" }), { signal });
      const again = await target.apply(change({ "a.py": "1", "b.py": "1" }), { signal });
      expect(again).toEqual({ written: [], removed: [], revision: first.revision });
      const next = await target.apply(change({ "a.py": "2", "b.py": "1" }), { signal });
      expect(next.written).toEqual(["a.py"]);
      expect(await room.files()).toEqual({ "a.py": "2", "b.py": "1" });
      await target.close();
    });

    it("writes our file anew when somebody changed or removed it", async () => {
      await using room = await createRoom();
      const target = room.open();
      await target.apply(change({ "a.py": "1", "b.py": "1" }), { signal });
      await room.putForeign("a.py", "edited by hand");
      await room.removeForeign("b.py");
      await target.apply(change({ "a.py": "1", "b.py": "1" }), { signal });
      expect(await room.files()).toEqual({ "a.py": "1", "b.py": "1" });
      await target.close();
    });

    it("removes what is ours, and nothing else", async () => {
      await using room = await createRoom();
      const target = room.open();
      await target.apply(change({ "a.py": "1", "r1/x.py": "1", "r1/y/z.py": "1" }), { signal });
      await room.putForeign("other.py", "theirs");
      const outcome = await target.apply(
        change({ "b.py": "2" }, "a.py", "r1/x.py", "r1/y/z.py", "other.py", "gone.py"),
        {
          signal,
        },
      );
      expect(outcome.removed).toEqual(["a.py", "r1/x.py", "r1/y/z.py"]);
      expect(await room.files()).toEqual({ "b.py": "2", "other.py": "theirs" });
      await target.close();
    });

    it("refuses a name that somebody else's file has, and says which", async () => {
      await using room = await createRoom();
      const target = room.open();
      await room.putForeign("a.py", "theirs");
      const refused = target.apply(change({ "a.py": "ours" }), { signal });
      await expect(refused).rejects.toThrow(/"a\.py" in .* was not written by Airfleet/);
      await expect(refused).rejects.toSatisfy((error) => code(error) === "DEPLOY_NAME_TAKEN");
      expect(await room.files()).toEqual({ "a.py": "theirs" });
      // The refusal leaves no claim to the name behind.
      expect((await target.apply(change({ "b.py": "1" }, "a.py"), { signal })).removed).toEqual([]);
      expect(await room.files()).toEqual({ "a.py": "theirs", "b.py": "1" });
      await target.close();
    });

    it.each([
      "../a.py",
      "/a.py",
      "x/../../a.py",
      "./a.py",
      "a//b.py",
      "",
      "a\\b.py",
      "airfleet.manifest.json",
      "ü.py",
      ".git/../x",
      ".airfleet.lock",
    ])("refuses the path %j", async (path) => {
      await using room = await createRoom();
      const target = room.open();
      await expect(target.apply(change({ [path]: "1" }), { signal })).rejects.toSatisfy(
        (error) => code(error) === "DEPLOY_PATH_INVALID",
      );
      await expect(target.apply(change({}, path), { signal })).rejects.toSatisfy(
        (error) => code(error) === "DEPLOY_PATH_INVALID",
      );
      await target.close();
    });

    it("refuses to guess when its manifest was spoilt", async () => {
      await using room = await createRoom();
      const target = room.open();
      await target.apply(change({ "a.py": "1" }), { signal });
      await room.putForeign("airfleet.manifest.json", "{");
      await expect(target.apply(change({ "a.py": "2" }), { signal })).rejects.toSatisfy(
        (error) => code(error) === "DEPLOY_TARGET_REFUSED",
      );
      expect(await room.files()).toEqual({ "a.py": "1" });
      await target.close();
    });

    it("loses nothing of deployers that come at once", async () => {
      await using room = await createRoom();
      const targets = [1, 2, 3].map(() => room.open());
      const turns = [1, 2, 3];
      await Promise.all(
        targets.map(async (target, at) => {
          for (const turn of turns) {
            await target.apply(
              change({ [`own_${at}.py`]: `${turn}`, [`own_${at}_${turn}.py`]: "x", "shared.py": `${at}` }),
              {
                signal,
              },
            );
          }
        }),
      );
      const files = await room.files();
      expect(Object.keys(files)).toHaveLength(3 + 9 + 1);
      for (const at of [0, 1, 2]) expect(files[`own_${at}.py`]).toBe("3");
      expect(["0", "1", "2"]).toContain(files["shared.py"]);
      // All of it is ours: it can be removed by anybody of us.
      const last = room.open();
      await last.apply(change({}, ...Object.keys(files)), { signal });
      expect(await room.files()).toEqual({});
      await Promise.all([...targets, last].map((target) => target.close()));
    });

    it("stops when it is told to", async () => {
      await using room = await createRoom();
      const target = room.open();
      await expect(target.apply(change({ "a.py": "1" }), { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
      expect(await room.files()).toEqual({});
      await target.close();
    });
  });
};
