import type { Run } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import type { Store } from "../src/index.ts";
import { backends, PATIENT, withStore } from "./backends.ts";
import { hour, keyOf, readOf, runOf, START } from "./run-samples.ts";
import { EU } from "./samples.ts";

const observe = (store: Store, runs: readonly Run[], at = START) =>
  store.runs.observe({ instance: EU, observations: runs.map((run) => readOf(run, at)) });

const openFailures = async (store: Store): Promise<readonly string[]> => {
  const { items } = await store.runs.list({ failedWithoutLaterSuccess: true, limit: 20 });
  return items.map(({ record }) => record.runId);
};

/** A failure, a success, another failure, and the success that makes it good. */
const RUNS = [
  runOf("f-1", "failed", 1),
  runOf("s-2", "success", 2),
  runOf("f-3", "failed", 3),
  runOf("s-4", "success", 4),
];

for (const backend of backends) {
  describe(`failures that a success made good on ${backend.name}`, PATIENT, () => {
    it("stand open again when it is cleared, back to the success before it", () =>
      withStore(backend, async (store) => {
        await observe(store, RUNS);
        expect(await openFailures(store)).toEqual([]);
        await observe(store, [runOf("s-4", "queued", 4, { queuedAt: hour(9), startedAt: null })], START + 1);
        expect(await openFailures(store)).toEqual(["f-3"]);
        const again = { queuedAt: hour(9), startedAt: hour(10), endedAt: hour(11) };
        await observe(store, [runOf("s-4", "failed", 4, again)], START + 2);
        expect(await openFailures(store)).toEqual(["s-4", "f-3"]);
        await observe(store, [runOf("s-2", "queued", 2, { queuedAt: hour(9), startedAt: null })], START + 3);
        expect(await openFailures(store)).toEqual(["s-4", "f-3", "f-1"]);
      }));

    it("stand open again when it is dropped, but for those that are dropped with it", () =>
      withStore(backend, async (store, place) => {
        await observe(store, [...RUNS, runOf("f-3b", "failed", 3)]);
        expect(await openFailures(store)).toEqual([]);
        await store.runs.remove(
          ["s-4", "f-3b"].map((runId) => keyOf(runOf(runId, "failed", 3))),
          "test",
        );
        expect(await openFailures(store)).toEqual(["f-3"]);
        expect(await place.sql("select * from open_failures")).toHaveLength(1);
      }));
  });
}
