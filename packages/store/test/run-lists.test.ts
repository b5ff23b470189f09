import { toDagId, toInstanceId } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import type { RunFilter, Store } from "../src/index.ts";
import { backends, PATIENT, withStore } from "./backends.ts";
import { hour, HOUR, keyOf, readOf, runOf, START, subjectOf } from "./run-samples.ts";
import { EU, US } from "./samples.ts";

/** r-0 … r-11, one due every hour; every third failed, the last goes on, odd ones on the other instance. */
const samples = Array.from({ length: 12 }, (_, index) => {
  const state = index === 11 ? "running" : index % 3 === 0 ? "failed" : "success";
  return runOf(`r-${index}`, state, index, {
    dagId: toDagId(index < 6 ? "orders" : "billing"),
    type: index % 4 === 0 ? "scheduled" : "manual",
    conf: { id: index % 5, mode: index % 2 === 0 ? "publish" : "preview", long: "x".repeat(201), list: [index] },
    note: index === 4 ? "By Ada | nightly" : null,
    endedAt: state === "running" ? null : hour(index + (index === 2 ? 3 : 0.5)),
  });
});
const instanceOf = (index: number) => (index % 2 === 0 ? EU : US);

const fill = async (store: Store): Promise<void> => {
  for (const instance of [EU, US]) {
    const own = samples.filter((_, index) => instanceOf(index) === instance);
    await store.runs.observe({
      instance,
      observations: own.map((run) => readOf(run)),
      subjectsOf: ({ runId }) => (runId === "r-2" || runId === "r-9" ? [subjectOf("a")] : []),
    });
  }
};

const numbers = (runs: readonly { readonly record: { readonly runId: string } }[]) =>
  runs.map(({ record }) => Number(record.runId.slice(2)));

const CASES: readonly (readonly [string, RunFilter, readonly number[]])[] = [
  ["everything", {}, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]],
  ["an instance", { instances: [US] }, [11, 9, 7, 5, 3, 1]],
  ["no instance", { instances: [] }, []],
  ["several instances and DAGs", { instances: [EU, US, "no"], dagIds: ["orders", "no"] }, [5, 4, 3, 2, 1, 0]],
  ["a DAG", { dagIds: ["billing"] }, [11, 10, 9, 8, 7, 6]],
  ["states", { states: ["failed", "running"] }, [11, 9, 6, 3, 0]],
  ["a state of a DAG on an instance", { states: ["success"], dagIds: ["orders"], instances: [EU] }, [4, 2]],
  ["a type", { types: ["scheduled"] }, [8, 4, 0]],
  ["a subject", { subject: { type: "aid", id: "a" } }, [9, 2]],
  ["an unknown subject", { subject: { type: "aid", id: "b" } }, []],
  ["a subject and a state", { subject: { type: "aid", id: "a" }, states: ["failed"] }, [9]],
  ["a conf value", { conf: { id: "3" } }, [8, 3]],
  ["several conf values", { conf: { id: "3", mode: "publish" } }, [8]],
  ["a conf value that is too long to be looked up", { conf: { long: "x".repeat(201) } }, []],
  ["part of a note, case included", { noteContains: "Ada | n" }, [4]],
  ["part of a run id", { runIdContains: "r-1" }, [11, 10, 1]],
  ["due times", { due: { from: START + 3 * HOUR, to: START + 5 * HOUR } }, [4, 3]],
  ["starting times", { started: { from: START + 10 * HOUR } }, [11, 10]],
  ["ending times", { ended: { from: START + 4.5 * HOUR, to: START + 5.5 * HOUR } }, [4, 2]],
  ["duration", { durationSeconds: { from: 3_600 } }, [2]],
  ["failures without later success", { failedWithoutLaterSuccess: true }, [9]],
  ["failures without later success on an instance", { failedWithoutLaterSuccess: true, instances: [US] }, [9]],
  ["failures without later success where there are none", { failedWithoutLaterSuccess: true, instances: [EU] }, []],
];

for (const backend of backends) {
  describe(`lists of runs on ${backend.name}`, PATIENT, () => {
    it("hold what each filter lets through, newest due first", () =>
      withStore(backend, async (store) => {
        await fill(store);
        for (const [name, filter, expected] of CASES) {
          const { items, next } = await store.runs.list({ ...filter, limit: 50 });
          expect([name, numbers(items), next]).toEqual([name, expected, null]);
        }
      }));

    it("go on page by page, and refuse a cursor of another list", () =>
      withStore(backend, async (store) => {
        await fill(store);
        for (const [name, filter] of CASES) {
          const whole = numbers((await store.runs.list({ ...filter, limit: 50 })).items);
          const seen: number[] = [];
          for (let after: string | null | undefined; after !== null; ) {
            const page = await store.runs.list({ ...filter, limit: 2, ...(after !== undefined && { after }) });
            seen.push(...numbers(page.items));
            after = page.next;
          }
          expect([name, seen]).toEqual([name, whole]);
        }
        const { next } = await store.runs.list({ limit: 2 });
        await expect(store.runs.list({ limit: 2, states: ["failed"], after: next! })).rejects.toMatchObject({
          code: "CURSOR_INVALID",
        });
      }));

    it("of live runs begin with the one that was read longest ago, and a reading moves it back", () =>
      withStore(backend, async (store) => {
        const runs = [1, 2, 3].map((index) => runOf(`l-${index}`, "running", index));
        await store.runs.observe({ instance: EU, observations: runs.map((run, index) => readOf(run, START + index)) });
        await store.runs.observe({ instance: EU, observations: [readOf(runOf("done", "success", 4))] });
        expect((await store.runs.listLive(EU, 10)).map(({ record }) => record.runId)).toEqual(["l-1", "l-2", "l-3"]);
        expect(await store.runs.observe({ instance: EU, observations: [readOf(runs[0], START + 10)] })).toEqual([]);
        expect((await store.runs.listLive(EU, 2)).map(({ record }) => record.runId)).toEqual(["l-2", "l-3"]);
        expect(await store.runs.listLive(US, 10)).toEqual([]);
      }));

    it("by due time for the sweep hold each run that the engine has once, also those due at once", () =>
      withStore(backend, async (store) => {
        const runs = Array.from({ length: 9 }, (_, index) => runOf(`d-${index}`, "success", Math.floor(index / 4)));
        await store.runs.observe({ instance: EU, observations: runs.map((run) => readOf(run)) });
        const { dagId, runId } = runs[2];
        await store.runs.observe({
          instance: EU,
          observations: [{ kind: "gone", source: "poll", at: START + 5, dagId, runId }],
        });
        const seen: string[] = [];
        let after: { readonly dueAt: number; readonly key: ReturnType<typeof keyOf> } | undefined;
        for (;;) {
          const page = await store.runs.listDue({
            instance: EU,
            from: START,
            to: START + 2 * HOUR,
            limit: 2,
            ...(after !== undefined && { after }),
          });
          const last = page.at(-1);
          if (last === undefined) break;
          seen.push(...page.map(({ record }) => record.runId));
          after = { dueAt: last.dueAt, key: last.key };
        }
        expect(seen.toSorted()).toEqual(["d-0", "d-1", "d-3", "d-4", "d-5", "d-6", "d-7"]);
        expect((await store.runs.findMany(EU, runs)).filter(({ record }) => record.goneAt !== null)).toHaveLength(1);
        expect(await store.runs.findMany(toInstanceId("no"), runs)).toEqual([]);
      }));
  });
}
