import { describe, expect, it } from "vitest";
import type { Store, SubjectQuery } from "../src/index.ts";
import { backends, PATIENT, withStore } from "./backends.ts";
import { HOUR, keyOf, readOf, runOf, START, subjectOf } from "./run-samples.ts";
import { EU, US } from "./samples.ts";

/** a: success at 0 on eu; b: failed at 1 on eu after a success on us; c: runs on us; d: nothing; page p: success at 4 on us. */
const fill = async (store: Store): Promise<void> => {
  const seen = [
    [EU, runOf("a-1", "success", 0), [subjectOf("a", { label: "Ärger im Büro" })]],
    [US, runOf("b-1", "success", 0.5), [subjectOf("b")]],
    [EU, runOf("b-2", "failed", 1), [subjectOf("b")]],
    [US, runOf("c-1", "running", 2), [subjectOf("c")]],
    [US, runOf("p-1", "success", 4), [{ type: "page", id: "p" }]],
  ] as const;
  for (const [instance, run, refs] of seen) {
    await store.runs.observe({ instance, observations: [readOf(run)], subjectsOf: () => refs });
  }
  await store.subjects.describe(subjectOf("d", { url: "https://example.com/d" }));
};

const relinked = () => [subjectOf("a", { label: null, url: "https://example.com/2" })];

const CASES: readonly (readonly [string, Omit<SubjectQuery, "limit">, readonly string[]])[] = [
  ["everything", {}, ["a", "b", "c", "d", "p"]],
  ["a type", { type: "aid" }, ["a", "b", "c", "d"]],
  ["an unknown type", { type: "no" }, []],
  ["a state", { states: ["failed"] }, ["b"]],
  ["a state of a type", { type: "aid", states: ["success"] }, ["a"]],
  ["several states", { states: ["running", "none", "lost"] }, ["c", "d"]],
  ["no state", { states: [] }, []],
  ["part of an id or label, ignoring case", { text: "ÄRGER" }, ["a"]],
  ["what a search language would read", { text: "%" }, []],
  ["no success since", { noSuccessSince: START + HOUR }, ["c", "d", "a"]],
  [
    "no success of a type since, longest first",
    { type: "aid", noSuccessSince: START + 10 * HOUR },
    ["c", "d", "a", "b"],
  ],
  ["an instance", { instances: [EU] }, ["a", "b"]],
  ["an instance and a type", { instances: [US], type: "page" }, ["p"]],
  ["no instance", { instances: [] }, []],
];

for (const backend of backends) {
  describe(`subjects on ${backend.name}`, PATIENT, () => {
    it("are listed by each filter, whole and page by page", () =>
      withStore(backend, async (store) => {
        await fill(store);
        for (const [name, query, expected] of CASES) {
          const { items, next } = await store.subjects.list({ ...query, limit: 50 });
          expect([name, items.map(({ id }) => id), next]).toEqual([name, expected, null]);
          const seen: string[] = [];
          for (let after: string | null | undefined; after !== null; ) {
            const page = await store.subjects.list({ ...query, limit: 1, ...(after !== undefined && { after }) });
            seen.push(...page.items.map(({ id }) => id));
            after = page.next;
          }
          expect([name, seen]).toEqual([name, expected]);
        }
        expect(await store.subjects.types()).toEqual([
          { type: "aid", subjects: 4 },
          { type: "page", subjects: 1 },
        ]);
      }));

    it("say to somebody who sees one instance what happened there, and nothing else", () =>
      withStore(backend, async (store) => {
        await fill(store);
        const whole = await store.subjects.find(subjectOf("b"));
        expect(whole).toMatchObject({ state: "failed", counts: { total: 2, success: 1, failed: 1 } });
        expect(await store.subjects.find(subjectOf("b"), [US])).toMatchObject({
          state: "success",
          lastSuccess: { instance: "us-1" },
          lastFailure: null,
          counts: { total: 1, success: 1, failed: 0, active: 0 },
        });
        expect(await store.subjects.find(subjectOf("b"), [EU, US])).toEqual(whole);
        expect(await store.subjects.find(subjectOf("c"), [EU])).toBeUndefined();
        expect(await store.subjects.find(subjectOf("c"), [])).toBeUndefined();
        const [second, none, again] = await store.subjects.findMany([subjectOf("b"), subjectOf("x"), subjectOf("b")]);
        expect([second, none, again]).toEqual([whole, undefined, whole]);
        expect(await store.subjects.findMany([subjectOf("b"), subjectOf("c")], [EU])).toEqual([
          await store.subjects.find(subjectOf("b"), [EU]),
          undefined,
        ]);
        const runs = await store.subjects.runs(subjectOf("b"), { limit: 5, instances: [EU] });
        expect(runs.items.map(({ record }) => record.runId)).toEqual(["b-2"]);
        const ended = await store.subjects.runs(subjectOf("b"), { limit: 5, states: ["success"] });
        expect(ended.items.map(({ record }) => record.runId)).toEqual(["b-1"]);
      }));

    it("keep their label and link until somebody gives another, or takes it away", () =>
      withStore(backend, async (store) => {
        await store.subjects.describe(subjectOf("a", { label: "One", url: "https://example.com/1" }));
        expect(await store.subjects.describe(subjectOf("a"))).toMatchObject({
          label: "One",
          url: "https://example.com/1",
        });
        const run = runOf("r", "success", 1);
        await store.runs.observe({ instance: EU, observations: [readOf(run)], subjectsOf: relinked });
        expect(await store.subjects.find(subjectOf("a"))).toMatchObject({ label: "One", url: "https://example.com/2" });
        expect((await store.subjects.list({ text: "one", limit: 5 })).items).toHaveLength(1);
        expect(await store.subjects.describe(subjectOf("a", { label: null }))).toMatchObject({
          label: null,
          url: "https://example.com/2",
        });
        expect((await store.subjects.list({ text: "one", limit: 5 })).items).toEqual([]);
        expect(await store.subjects.describe(subjectOf("a", { url: null }))).toMatchObject({ url: null });
      }));

    it("come to a run afterwards, and leave it, and are told of both", () =>
      withStore(backend, async (store) => {
        const run = runOf("r", "success", 1);
        await store.runs.observe({ instance: EU, observations: [readOf(run)] });
        expect(await store.runs.addSubjects(keyOf(run), [subjectOf("a"), subjectOf("b"), subjectOf("a")])).toBe(2);
        expect(await store.runs.addSubjects(keyOf(run), [subjectOf("b")])).toBe(0);
        expect(await store.runs.addSubjects(keyOf(runOf("no", "success", 1)), [subjectOf("b")])).toBe(0);
        expect(await store.runs.removeSubject(keyOf(run), subjectOf("a"))).toBe(true);
        expect(await store.runs.removeSubject(keyOf(run), subjectOf("a"))).toBe(false);
        expect(await store.subjects.find(subjectOf("a"))).toMatchObject({ state: "none", counts: { total: 0 } });
        expect(await store.runs.find(keyOf(run))).toMatchObject({ subjects: [{ id: "b" }], subjectsTotal: 1 });
        expect(await store.subjects.remove(subjectOf("b"))).toBe(true);
        expect(await store.runs.find(keyOf(run))).toMatchObject({ subjects: [], subjectsTotal: 0 });
        await store.events.sequence();
        const events = await store.events.list({ after: 0, limit: 20 });
        expect(events.map(({ kind, payload }) => [kind, payload["subjects_total"] ?? payload["id"]])).toEqual([
          ["run.changed", 0],
          ["run.changed", 2],
          ["subject.changed", "b"],
          ["subject.changed", "a"],
          ["run.changed", 1],
          ["subject.changed", "b"],
          ["subject.changed", "a"],
        ]);
      }));
  });
}
