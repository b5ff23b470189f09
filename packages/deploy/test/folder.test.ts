import { chmodSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { toFolderError } from "../src/folder/judge-failure.ts";
import { createDeployTarget, type DeployTarget } from "../src/index.ts";
import { change, describeTarget, signal, type TargetRoom } from "./target-claims.ts";

const place = { dataDir: "/nowhere" };
const targetOf = (base: string): DeployTarget =>
  createDeployTarget({ type: "folder", path: base, subfolder: "team/airfleet" }, place);

const readAll = async (root: string): Promise<Record<string, string>> => {
  const found = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = found.filter((entry) => entry.isFile() && entry.name !== "airfleet.manifest.json");
  const texts = await Promise.all(
    files.map(async (entry) => {
      const file = path.join(entry.parentPath, entry.name);
      return [path.relative(root, file), await readFile(file, "utf8")] as const;
    }),
  );
  return Object.fromEntries(texts);
};

const createRoom = async (): Promise<TargetRoom & { readonly base: string; readonly own: string }> => {
  const base = await mkdtemp(path.join(tmpdir(), "airfleet-folder-"));
  const own = path.join(base, "team/airfleet");
  return {
    base,
    own,
    open: () => targetOf(base),
    files: () => readAll(own),
    async putForeign(name, text) {
      await mkdir(path.dirname(path.join(own, name)), { recursive: true });
      await writeFile(path.join(own, name), text);
    },
    removeForeign: (name) => rm(path.join(own, name)),
    [Symbol.asyncDispose]: () => rm(base, { recursive: true, force: true }),
  };
};

describeTarget("folder", createRoom);

describe("a folder", () => {
  it("gets nothing through links: neither a folder, nor a file, nor our own place", async () => {
    await using room = await createRoom();
    const outside = path.join(room.base, "outside");
    await mkdir(outside);
    await writeFile(path.join(outside, "a.py"), "theirs");
    await mkdir(room.own, { recursive: true });
    await symlink(outside, path.join(room.own, "runtime"));
    await symlink(path.join(outside, "a.py"), path.join(room.own, "a.py"));
    const target = room.open();
    for (const name of ["runtime/a.py", "a.py"]) {
      await expect(target.apply(change({ [name]: "ours" }), { signal })).rejects.toMatchObject({
        code: "DEPLOY_NAME_TAKEN",
      });
    }
    const other = createDeployTarget({ type: "folder", path: room.own, subfolder: "runtime" }, place);
    await expect(other.apply(change({ "b.py": "ours" }), { signal })).rejects.toMatchObject({
      code: "DEPLOY_NAME_TAKEN",
    });
    expect(await readAll(outside)).toEqual({ "a.py": "theirs" });
  });

  it("is no place to fall back from: one that is not there is not made", async () => {
    await using room = await createRoom();
    const target = targetOf(path.join(room.base, "not-mounted"));
    await expect(target.apply(change({ "a.py": "1" }), { signal })).rejects.toMatchObject({
      code: "DEPLOY_TARGET_UNREACHABLE",
      message: expect.stringContaining("is it mounted?") as string,
    });
  });

  it("that is a file, or holds one where our folder would be, is refused", async () => {
    await using room = await createRoom();
    await writeFile(path.join(room.base, "team"), "");
    await expect(room.open().apply(change({ "a.py": "1" }), { signal })).rejects.toMatchObject({
      code: "DEPLOY_NAME_TAKEN",
    });
    const onFile = createDeployTarget({ type: "folder", path: path.join(room.base, "team"), subfolder: "x" }, place);
    await expect(onFile.apply(change({ "a.py": "1" }), { signal })).rejects.toMatchObject({
      code: "DEPLOY_TARGET_REFUSED",
    });
  });

  it("goes without what a deployer left that died: its lock, and half-written files", async () => {
    await using room = await createRoom();
    await mkdir(room.own, { recursive: true });
    await writeFile(path.join(room.own, ".airfleet.lock"), JSON.stringify({ host: "elsewhere", pid: 1, token: "x" }));
    const old = new Date(Date.now() - 60_000);
    const { utimes } = await import("node:fs/promises");
    await utimes(path.join(room.own, ".airfleet.lock"), old, old);
    await writeFile(path.join(room.own, ".airfleet-0123456789abcdef.tmp"), "half");
    await room.open().apply(change({ "a.py": "1" }), { signal });
    expect(await room.files()).toEqual({ "a.py": "1" });
  });

  it("keeps files readable for the engine, whatever the user's mask", async () => {
    await using room = await createRoom();
    chmodSync(room.base, 0o755);
    await room.open().apply(change({ "r/a.py": "1" }), { signal });
    const { stat } = await import("node:fs/promises");
    expect((await stat(path.join(room.own, "r/a.py"))).mode & 0o044).toBe(0o044);
  });

  it.each([
    ["ENOSPC", "DEPLOY_TARGET_REFUSED", "no space is left"],
    ["EDQUOT", "DEPLOY_TARGET_REFUSED", "quota"],
    ["EROFS", "DEPLOY_TARGET_REFUSED", "read-only"],
    ["EIO", "DEPLOY_TARGET_UNREACHABLE", "EIO"],
    ["ESTALE", "DEPLOY_TARGET_UNREACHABLE", "ESTALE"],
  ])("that fails with %s is told as %s", (errno, expected, words) => {
    const error = toFolderError(Object.assign(new Error("x"), { code: errno }), "folder /dags");
    expect(error).toMatchObject({ code: expected, message: expect.stringContaining(words) as string });
  });
});
