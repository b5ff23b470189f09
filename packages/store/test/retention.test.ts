import {
  decideRetention,
  type NamedPolicy,
  RetentionPolicy,
  type RetentionRule,
  type RunState,
  type RunToJudge,
  toDagId,
  toInstanceId,
} from "@airfleet/model";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RetentionQuery, Store } from "../src/index.ts";
import { backends, PATIENT, withStore } from "./backends.ts";
import { hour, HOUR, keyOf, readOf, runOf, START, subjectOf } from "./run-samples.ts";
import { EU } from "./samples.ts";

const NOW = START + 72 * HOUR;

interface Sample {
  readonly state: RunState;
  readonly due: number;
  readonly dag: string;
  readonly instance: string;
  readonly subjects: readonly string[];
}

const sample: fc.Arbitrary<Sample> = fc.record({
  state: fc.constantFrom("success" as const, "failed" as const, "running" as const, "success" as const),
  due: fc.nat(60),
  dag: fc.constantFrom("orders", "billing"),
  instance: fc.constantFrom("eu-1", "us-1"),
  subjects: fc.subarray(["aid/1", "aid/2", "page/1"]),
});

const rule: fc.Arbitrary<RetentionRule> = fc.oneof(
  fc.constant({ keep: "everything" as const }),
  fc.constant({ keep: "latest_success_and_newest" as const }),
  fc.constant({ keep: "older_than_latest_success" as const }),
  fc.record({ keep: fc.constant("last_n" as const), n: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ keep: fc.constant("failures_days" as const), days: fc.integer({ min: 1, max: 3 }) }),
);

/** Each names one thing more than the next, so that the order in which they are given is their precedence. */
const policies = fc.tuple(rule, rule, rule).map(([first, second, third]): readonly NamedPolicy[] => [
  { id: "a", policy: RetentionPolicy.parse({ scope: { subject_type: "aid", dag: "ord*" }, rule: first }) },
  { id: "b", policy: RetentionPolicy.parse({ scope: { instance: "EU-*" }, rule: second }) },
  { id: "c", policy: RetentionPolicy.parse({ rule: third }) },
]);

const facts = (named: readonly NamedPolicy[]): RetentionQuery["policies"] =>
  named.map(({ id, policy: { scope, rule: kept } }) => ({
    id,
    rule: kept,
    ...(scope.subject_type !== undefined && { subjectType: scope.subject_type }),
    ...(scope.dag !== undefined && { dag: scope.dag }),
    ...(scope.instance !== undefined && { instance: scope.instance }),
  }));

const refOf = (name: string) => {
  const [type = "", id = ""] = name.split("/");
  return { type, id };
};

const fill = async (store: Store, samples: readonly Sample[]): Promise<readonly RunToJudge[]> => {
  const runs: RunToJudge[] = [];
  for (const [index, { state, due, dag, instance, subjects }] of samples.entries()) {
    const run = runOf(`r-${index}`, state, due, { dagId: toDagId(dag) });
    const place = toInstanceId(instance);
    const refs = subjects.map(refOf);
    await store.runs.observe({ instance: place, observations: [readOf(run)], subjectsOf: () => refs });
    const endedAt = run.endedAt === null ? null : Date.parse(run.endedAt);
    runs.push({
      key: keyOf(run, place),
      state,
      dueAt: START + due * HOUR,
      endedAt,
      instance,
      dagId: dag,
      subjects: refs,
    });
  }
  return runs;
};

const allCandidates = async (store: Store, query: Omit<RetentionQuery, "after">): Promise<readonly string[]> => {
  const keys: string[] = [];
  for (let after: string | null | undefined; after !== null; ) {
    const page = await store.retention.candidates({ ...query, ...(after !== undefined && { after }) });
    keys.push(...page.items.map(({ key }) => key));
    after = page.next;
  }
  return keys;
};

for (const backend of backends) {
  describe(`retention on ${backend.name}`, PATIENT, () => {
    it("lets go of the runs that the rules let go of, judged from sums instead of whole histories", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(sample, { maxLength: 14 }), policies, (samples, named) =>
          withStore(backend, async (store) => {
            const runs = await fill(store, samples);
            const expected = decideRetention(runs, named, NOW).filter(({ goes }) => goes);
            const found = await allCandidates(store, { policies: facts(named), now: NOW, batch: 3 });
            expect(found.toSorted()).toEqual(expected.map(({ key }) => key).toSorted());
            const euOnly = await allCandidates(store, {
              policies: facts(named),
              now: NOW,
              batch: 5,
              instances: ["eu-1"],
            });
            const euKeys = new Set<string>(runs.filter(({ instance }) => instance === "eu-1").map(({ key }) => key));
            expect(euOnly.toSorted()).toEqual(found.filter((key) => euKeys.has(key)).toSorted());
          }),
        ),
        { numRuns: backend.name === "sqlite" ? 100 : 30 },
      );
    });

    it("says by which policy each subject needs a run no more, and keeps a bulk run while one of many needs it", () =>
      withStore(backend, async (store) => {
        const many = Array.from({ length: 1_200 }, (_, index) => subjectOf(`${index}`));
        const bulk = runOf("bulk", "success", 1);
        const later = runOf("later", "success", 2);
        const query = {
          policies: [{ id: "p", subjectType: "aid", rule: { keep: "latest_success_and_newest" } }],
          now: NOW,
          batch: 10,
        } as const;
        await store.runs.observe({ instance: EU, observations: [readOf(bulk)], subjectsOf: () => many });
        await store.runs.observe({ instance: EU, observations: [readOf(later)], subjectsOf: () => many.slice(1) });
        expect((await store.retention.candidates(query)).items).toEqual([]);
        await store.runs.addSubjects(keyOf(later), many.slice(0, 1));
        const { items, looked, next } = await store.retention.candidates(query);
        expect({ looked, next }).toEqual({ looked: 2, next: null });
        expect(items).toMatchObject([
          { key: keyOf(bulk), state: "success", dueAt: Date.parse(hour(1)), reasonsTotal: 1_200 },
        ]);
        expect(items[0]?.reasons).toHaveLength(20);
        expect(items[0]?.reasons[0]).toMatchObject({ policy: "p", subject: { type: "aid" } });
        expect(await store.runs.remove([items[0].key], "retention")).toBe(1);
        expect(await store.subjects.find(subjectOf("7"))).toMatchObject({
          counts: { total: 1 },
          lastSuccess: { key: keyOf(later) },
        });
      }));
  });
}
