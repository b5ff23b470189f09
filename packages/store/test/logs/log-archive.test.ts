import { type RunKey, toRunKey } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import type { EventVerdict, FollowedEvent, LogChunk, Store } from "../../src/index.ts";
import { backends, PATIENT, withStore } from "../backends.ts";

const run = toRunKey("run_a");
const place = { run, taskId: "load", mapIndex: -1, tryNumber: 1 };
const chunk = (firstLine: number, lines: number, text: string): LogChunk => ({
  firstLine,
  lines,
  body: Buffer.from(text),
});
const facts = { sizeBytes: 10, omittedLines: 0 };

const ended = (id: string) => ({ kind: "run.changed", payload: { id, state: "failed" } });
const judge = ({ kind, payload, at }: FollowedEvent): EventVerdict | undefined => {
  const key = toRunKey(String(payload["id"]));
  if (kind === "run.removed") return { kind: "forget", run: key };
  return kind === "run.changed" ? { kind: "queue", run: key, notBefore: at + 1_000 } : undefined;
};
const dueKeys = async (store: Store, now: number): Promise<readonly RunKey[]> =>
  (await store.logArchive.listDue(now, 10)).map((queued) => queued.run);
const FAR = Date.parse("2100-01-01T00:00:00Z");

describe.each(backends)("log archive on $name", PATIENT, (backend) => {
  it("keeps a log in chunks and finds the chunk of any line", () =>
    withStore(backend, async (store) => {
      const kept = await store.logArchive.put({ ...place, ...facts }, [chunk(0, 10, "head"), chunk(25, 5, "tail")]);
      expect(kept).toMatchObject({ ...place, lines: 15, sizeBytes: 10, omittedLines: 0 });
      const read = async (line: number) => (await store.logArchive.readChunk(kept.id, line))?.body.toString();
      expect([await read(0), await read(9), await read(10), await read(29), await read(30)]).toEqual([
        "head",
        "head",
        "tail",
        "tail",
        undefined,
      ]);
    }));

  it("finds the newest try, replaces a try, and lists a run's", () =>
    withStore(backend, async (store) => {
      const { logArchive } = store;
      await logArchive.put({ ...place, tryNumber: 2, ...facts }, [chunk(0, 1, "second")]);
      await logArchive.put({ ...place, ...facts }, [chunk(0, 1, "first")]);
      const again = await logArchive.put({ ...place, ...facts }, [chunk(0, 1, "first again")]);
      await logArchive.put({ ...place, mapIndex: 3, ...facts }, [chunk(0, 1, "mapped")]);
      expect((await logArchive.find({ run, taskId: "load", mapIndex: -1 }))?.tryNumber).toBe(2);
      expect((await logArchive.find(place))?.id).toBe(again.id);
      expect(await logArchive.find({ ...place, taskId: "other" })).toBeUndefined();
      expect((await logArchive.list(run)).map((log) => [log.mapIndex, log.tryNumber])).toEqual([
        [-1, 1],
        [-1, 2],
        [3, 1],
      ]);
      expect((await logArchive.size()).logs).toBe(3);
    }));

  it("drops the oldest logs with their text until the rest fits", () =>
    withStore(backend, async (store, backing) => {
      for (const tryNumber of [1, 2, 3]) {
        await store.logArchive.put({ ...place, tryNumber, ...facts }, [chunk(0, 1, "x".repeat(300))]);
        await backing.passTime(5);
      }
      expect(await store.logArchive.size()).toEqual({ bytes: 1_200, logs: 3 });
      expect(await store.logArchive.evict(1_200)).toBe(0);
      expect(await store.logArchive.evict(1_199)).toBe(1);
      expect((await store.logArchive.list(run)).map(({ tryNumber }) => tryNumber)).toEqual([2, 3]);
      expect(await backing.sql("select number from archived_log_chunks")).toHaveLength(2);
      expect(await store.logArchive.evict(0)).toBe(2);
      expect(await store.logArchive.size()).toEqual({ bytes: 0, logs: 0 });
    }));

  it("queues what events ask for, each event once, and waits until its time has come", () =>
    withStore(backend, async (store) => {
      await store.events.append(ended("run_a"), { kind: "dag.changed" }, ended("run_b"));
      await store.events.sequence();
      expect(await store.logArchive.follow(judge, 2)).toBe(2);
      expect(await store.logArchive.follow(judge, 2)).toBe(1);
      expect(await store.logArchive.follow(judge, 2)).toBe(0);
      expect(await dueKeys(store, 0)).toEqual([]);
      expect(await dueKeys(store, FAR)).toEqual(["run_a", "run_b"]);
    }));

  it("skips and doubles nothing when judging fails half way", () =>
    withStore(backend, async (store) => {
      await store.events.append(ended("run_a"), ended("run_b"));
      await store.events.sequence();
      const failing = (event: FollowedEvent) => {
        if (event.payload["id"] === "run_b") throw new Error("killed");
        return judge(event);
      };
      await expect(store.logArchive.follow(failing, 10)).rejects.toThrow("killed");
      expect(await dueKeys(store, FAR)).toEqual([]);
      expect(await store.logArchive.follow(judge, 10)).toBe(2);
    }));

  it("keeps a run that ended again while its logs were read", () =>
    withStore(backend, async (store) => {
      await store.events.append(ended("run_a"));
      await store.events.sequence();
      await store.logArchive.follow(judge, 10);
      const [before] = await store.logArchive.listDue(FAR, 1);
      await store.events.append(ended("run_a"));
      await store.events.sequence();
      await store.logArchive.follow(judge, 10);
      await store.logArchive.done(before);
      await store.logArchive.retryLater(before, FAR * 2);
      const [after] = await store.logArchive.listDue(FAR, 1);
      expect(after).toMatchObject({ run: "run_a", attempts: 0 });
      await store.logArchive.retryLater(after, FAR);
      expect(await store.logArchive.listDue(FAR - 1, 1)).toEqual([]);
      await store.logArchive.done(after);
      expect(await store.logArchive.listDue(FAR, 1)).toEqual([]);
    }));

  it("forgets the logs of a run that was forgotten", () =>
    withStore(backend, async (store) => {
      await store.logArchive.put({ ...place, ...facts }, [chunk(0, 1, "x")]);
      await store.events.append(ended("run_a"), { kind: "run.removed", payload: { id: "run_a" } });
      await store.events.sequence();
      await store.logArchive.follow(judge, 10);
      expect(await store.logArchive.size()).toEqual({ bytes: 0, logs: 0 });
      expect(await dueKeys(store, FAR)).toEqual([]);
    }));
});
