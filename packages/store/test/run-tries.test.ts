import type { Run } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import { backends, PATIENT, withStore } from "./backends.ts";
import { keyOf, readOf, runOf } from "./run-samples.ts";
import { EU } from "./samples.ts";

const task = ({ dagId, runId }: Run, taskId: string, mapIndex: number, tryNumber: number, state: string) =>
  ({ dagId, runId, taskId, mapIndex, tryNumber, state, displayName: taskId }) as never;

for (const backend of backends) {
  describe(`tries of tasks on ${backend.name}`, PATIENT, () => {
    it("are kept when another one takes their place, and only then", () =>
      withStore(backend, async (store) => {
        const run = runOf("r", "running", 1);
        const key = keyOf(run);
        const place = { taskId: "load" as never, mapIndex: 3 };
        const tries = async () =>
          (await store.runs.tries(key, place)).map(({ task: { tryNumber, state }, observedAt }) => [
            tryNumber,
            state,
            observedAt,
          ]);
        await store.runs.observe({ instance: EU, observations: [readOf(run)] });
        const read = (tryNumber: number, state: string, at: number) =>
          store.runs.putTasks([{ key, tasks: [task(run, "load", 3, tryNumber, state)] }], at);
        await read(0, "queued", 1);
        await read(1, "running", 2);
        await read(1, "up_for_retry", 3);
        expect(await tries()).toEqual([]);
        await read(2, "running", 4);
        expect(await tries()).toEqual([[1, "up_for_retry", 3]]);
        await store.runs.putTries(key, [task(run, "load", 3, 1, "failed"), task(run, "load", 4, 1, "failed")], 5);
        expect(await tries()).toEqual([[1, "failed", 5]]);
        expect(await store.runs.countTries(key)).toEqual(
          new Map([
            ["3 load", 1],
            ["4 load", 1],
          ]),
        );
      }));

    it("go with their run, and an unknown run has none", () =>
      withStore(backend, async (store, place) => {
        const run = runOf("r", "failed", 1);
        await store.runs.putTries(keyOf(run), [task(run, "load", -1, 1, "failed")], 5);
        expect(await store.runs.countTries(keyOf(run))).toEqual(new Map());
        await store.runs.observe({ instance: EU, observations: [readOf(run)] });
        await store.runs.putTries(keyOf(run), [task(run, "load", -1, 1, "failed")], 5);
        await store.runs.remove([keyOf(run)], "test");
        expect(await store.runs.tries(keyOf(run), { taskId: "load" as never, mapIndex: -1 })).toEqual([]);
        expect(await place.sql("select * from run_tries")).toEqual([]);
      }));
  });
}
