import { describe, expect, it } from "vitest";
import type { Store } from "../src/index.ts";
import { backends, PATIENT, withStore } from "./backends.ts";
import { keyOf, readOf, runOf, subjectOf } from "./run-samples.ts";
import { EU } from "./samples.ts";

const subjects = (count: number) => Array.from({ length: count }, (_, index) => subjectOf(`${1_000 + index}`));

/** What was told after `after`. */
const eventsAfter = async (store: Store, after: number) => {
  await store.events.sequence();
  return store.events.list({ after, limit: 500 });
};

const told = async (store: Store): Promise<number> => {
  await store.events.sequence();
  return (await store.events.range()).last;
};

for (const backend of backends) {
  describe(`the removal of runs on ${backend.name}`, PATIENT, () => {
    it("names the subjects of a run that was dropped, and tells of each of their pages once", () =>
      withStore(backend, async (store) => {
        const runs = [runOf("r-1", "success", 1), runOf("r-2", "failed", 2), runOf("r-3", "success", 3)];
        const about = [subjectOf("a"), subjectOf("b")];
        await store.runs.observe({
          instance: EU,
          observations: runs.map((run) => readOf(run)),
          subjectsOf: ({ runId }) => (runId === "r-3" ? about.slice(0, 1) : about),
        });
        const before = await told(store);
        await store.runs.remove(
          runs.slice(0, 2).map((run) => keyOf(run)),
          "retention",
        );
        const events = await eventsAfter(store, before);
        const removed = events.filter(({ kind }) => kind === "run.removed");
        expect(new Set(removed.map(({ runId }) => runId))).toEqual(new Set(["r-1", "r-2"]));
        for (const { instance, payload } of removed) {
          expect(instance).toBe(EU);
          expect(payload).toMatchObject({
            reason: "retention",
            subjects: [
              { type: "aid", id: "a" },
              { type: "aid", id: "b" },
            ],
            subjects_total: 2,
          });
        }
        const changed = events.filter(({ kind }) => kind === "subject.changed").map(({ payload }) => payload);
        expect(changed).toHaveLength(2);
        expect(changed).toContainEqual({
          type: "aid",
          id: "a",
          state: "success",
          run: keyOf(runs[1]),
          run_state: null,
        });
        expect(changed).toContainEqual({ type: "aid", id: "b", state: "none", run: keyOf(runs[1]), run_state: null });
      }));

    it("tells of a bulk run's subjects once, with as many as it had before they left it in parts", () =>
      withStore(backend, async (store) => {
        const run = runOf("bulk", "success", 1);
        await store.runs.observe({ instance: EU, observations: [readOf(run)], subjectsOf: () => subjects(1_100) });
        const before = await told(store);
        expect(await store.runs.remove([keyOf(run)], "retention")).toBe(1);
        const events = await eventsAfter(store, before);
        expect(events.map(({ kind, payload }) => [kind, payload["subjects_total"]])).toEqual([
          ["run.removed", 1_100],
          ["subject.changed", 1_100],
        ]);
        expect(events[0]?.payload["subjects"]).toHaveLength(20);
        expect(events[1]?.payload).toMatchObject({ run: keyOf(run), run_state: null });
      }));
  });
}
