import { toDagId, toRunId } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import { backends, PATIENT, withStore } from "./backends.ts";
import { hour, keyOf, readOf, runOf, START, subjectOf } from "./run-samples.ts";
import { EU } from "./samples.ts";

const subjectsOf = () => [subjectOf("a/1", { label: "Aid one" }), subjectOf("b")];

for (const backend of backends) {
  describe(`runs on ${backend.name}`, PATIENT, () => {
    it("gives a run back as it was read", () =>
      withStore(backend, async (store) => {
        const run = runOf("r-1", "success", 1, {
          conf: { id: 7, list: [1], "": null },
          note: "by hand",
          versionNumbers: [2],
        });
        const [change] = await store.runs.observe({ instance: EU, observations: [readOf(run)] });
        expect(change).toMatchObject({ before: null, after: "success", isNew: true });
        const stored = await store.runs.find(keyOf(run));
        expect(stored).toEqual(change?.run);
        expect(stored?.record).toEqual({
          dagId: "orders",
          runId: "r-1",
          state: "success",
          partial: false,
          read: { at: START, run },
          heard: null,
          stopped: null,
          hollow: null,
          goneAt: null,
        });
        expect(stored).toMatchObject({
          dueAt: Date.parse(hour(1)),
          discoveredBy: "poll",
          triggerId: null,
          subjectsTotal: 0,
        });
      }));

    it("tells of a change once, however often it is read", () =>
      withStore(backend, async (store) => {
        const queued = runOf("r-1", "queued", 1);
        const done = runOf("r-1", "success", 1);
        await store.runs.observe({ instance: EU, observations: [readOf(queued, START)] });
        const [change] = await store.runs.observe({ instance: EU, observations: [readOf(done, START + 10)] });
        expect(change).toMatchObject({ before: "queued", after: "success", isNew: false });
        expect(await store.runs.observe({ instance: EU, observations: [readOf(done, START + 20)] })).toEqual([]);
        expect(await store.runs.observe({ instance: EU, observations: [readOf(queued, START + 5)] })).toEqual([]);
        const history = await store.runs.history(keyOf(done));
        expect(history.map(({ state, source, kind }) => [state, source, kind])).toEqual([
          ["queued", "poll", "read"],
          ["success", "poll", "read"],
        ]);
        await store.events.sequence();
        const events = await store.events.list({ after: 0, limit: 10 });
        expect(events.map(({ kind, payload }) => [kind, payload["before"], payload["state"]])).toEqual([
          ["run.changed", null, "queued"],
          ["run.changed", "queued", "success"],
        ]);
      }));

    it("links a run to subjects by rule and keeps what their pages say first", () =>
      withStore(backend, async (store) => {
        const first = runOf("r-1", "success", 1);
        const second = runOf("r-2", "failed", 2);
        const third = runOf("r-3", "running", 3);
        await store.runs.observe({
          instance: EU,
          observations: [first, second, third].map((run) => readOf(run)),
          subjectsOf,
        });
        const subject = await store.subjects.find({ type: "aid", id: "a/1" });
        expect(subject).toMatchObject({
          label: "Aid one",
          state: "running",
          lastSuccess: { key: keyOf(first) },
          lastFailure: { key: keyOf(second) },
          currentRun: { key: keyOf(third) },
          newestRun: { key: keyOf(third) },
          counts: { total: 3, success: 1, failed: 1, active: 1 },
        });
        const page = await store.subjects.runs({ type: "aid", id: "a/1" }, { limit: 2 });
        expect(page.items.map(({ record }) => record.runId)).toEqual(["r-3", "r-2"]);
        const rest = await store.subjects.runs({ type: "aid", id: "a/1" }, { limit: 2, after: page.next! });
        expect(rest).toMatchObject({ items: [{ key: keyOf(first) }], next: null });
        expect(page.items[0]?.subjects.map(({ id }) => id)).toEqual(["a/1", "b"]);
        // Cleared: the last success runs again.
        const again = {
          ...first,
          state: "running",
          engineState: "running",
          startedAt: hour(5),
          endedAt: null,
        } as const;
        await store.runs.observe({ instance: EU, observations: [readOf(again, START + 10)], subjectsOf });
        expect(await store.subjects.find({ type: "aid", id: "b" })).toMatchObject({
          lastSuccess: null,
          currentRun: { key: keyOf(third) },
          counts: { total: 3, success: 0, failed: 1, active: 2 },
        });
      }));

    it("drops runs, and does not take them back until they have begun anew", () =>
      withStore(backend, async (store) => {
        const runs = [runOf("r-1", "success", 1), runOf("r-2", "failed", 2)];
        await store.runs.observe({ instance: EU, observations: runs.map((run) => readOf(run)), subjectsOf });
        expect(
          await store.runs.remove([keyOf(runs[0]), keyOf({ dagId: toDagId("no"), runId: toRunId("no") })], "old"),
        ).toBe(1);
        expect(await store.runs.find(keyOf(runs[0]))).toBeUndefined();
        expect(await store.runs.wasRemoved(EU, runs[0])).toBe(true);
        expect(await store.subjects.find({ type: "aid", id: "b" })).toMatchObject({
          lastSuccess: null,
          state: "failed",
          counts: { total: 1, success: 0, failed: 1, active: 0 },
        });
        expect(
          await store.runs.observe({ instance: EU, observations: [readOf(runs[0], START + 10)], subjectsOf }),
        ).toEqual([]);
        const anew = { ...runs[0], startedAt: hour(9) };
        expect(
          await store.runs.observe({ instance: EU, observations: [readOf(anew, START + 20)], subjectsOf }),
        ).toHaveLength(1);
        expect(await store.runs.wasRemoved(EU, anew)).toBe(false);
      }));
  });
}
