import {
  decideRetention,
  type NamedPolicy,
  RetentionPolicy,
  type RetentionRule,
  RUN_STATES,
  type RunToJudge,
} from "@airfleet/model";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { backends, PATIENT, withStore } from "../../../store/test/backends.ts";
import { toPolicyFacts } from "../../src/retention/policy-facts.ts";
import { dueOf, type GivenRun, keyOf, NOW, putRuns } from "./stored-runs.ts";

const anyRun = fc.record({
  instance: fc.constantFrom("prd", "stage"),
  dagId: fc.constantFrom("index", "harvest"),
  state: fc.constantFrom(...RUN_STATES),
  daysAgo: fc.integer({ min: 0, max: 12 }),
  subjects: fc.uniqueArray(
    fc.record({ type: fc.constantFrom("aid", "collection"), id: fc.constantFrom("1", "2", "3") }),
    { maxLength: 4, selector: ({ type, id }) => `${type}/${id}` },
  ),
});
const anyRule: fc.Arbitrary<RetentionRule> = fc.oneof(
  fc.constantFrom(
    { keep: "everything" as const },
    { keep: "latest_success_and_newest" as const },
    { keep: "older_than_latest_success" as const },
  ),
  fc.integer({ min: 1, max: 3 }).map((n) => ({ keep: "last_n" as const, n })),
  fc.integer({ min: 1, max: 10 }).map((days) => ({ keep: "failures_days" as const, days })),
);
const anyScope = fc.record(
  {
    subject_type: fc.constantFrom("aid", "collection"),
    dag: fc.constantFrom("index", "h*"),
    instance: fc.constantFrom("PRD-*", "*"),
  },
  { requiredKeys: [] },
);
const anyPolicies = fc.array(fc.record({ scope: anyScope, rule: anyRule }), { minLength: 1, maxLength: 4 });

const named = (policies: readonly { readonly scope: object; readonly rule: RetentionRule }[]): readonly NamedPolicy[] =>
  policies.map((policy, index) => ({ id: `p${index}`, policy: RetentionPolicy.parse(policy) }));

const toJudge = (run: GivenRun): RunToJudge => ({
  key: keyOf(run),
  instance: run.instance,
  dagId: run.dagId,
  state: run.state,
  dueAt: dueOf(run),
  endedAt: run.state === "queued" || run.state === "running" ? null : dueOf(run),
  subjects: run.subjects,
});

/** Runs of one sample live on instances, and are about subjects, of their own, so that one store serves them all. */
const apart = (sample: number, runs: readonly Omit<GivenRun, "runId">[]): readonly GivenRun[] =>
  runs.map((run, index) => ({
    ...run,
    instance: `${run.instance}-${sample}`,
    runId: `run-${index}`,
    subjects: run.subjects.map(({ type, id }) => ({ type, id: `${sample}/${id}` })),
  }));

describe.each(backends)("retention in $name", PATIENT, (backend) => {
  test("lets go of exactly the runs that the rules as written let go, for the reasons they have", () =>
    withStore(backend, async (store) => {
      let sample = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(anyRun, { minLength: 1, maxLength: 16 }),
          anyPolicies,
          fc.integer({ min: 1, max: 7 }),
          async (fields, written, batch) => {
            sample += 1;
            const runs = await putRuns(store, apart(sample, fields));
            const policies = named(written);
            const instances = [...new Set(runs.map(({ instance }) => instance))];
            const found = new Map<string, readonly string[]>();
            let after: string | undefined;
            let looked = 0;
            do {
              const page = await store.retention.candidates({
                policies: toPolicyFacts(policies),
                now: NOW,
                instances,
                batch,
                ...(after !== undefined && { after }),
              });
              looked += page.looked;
              for (const { key, reasons } of page.items) found.set(key, reasons.map(({ policy }) => policy).sort());
              after = page.next ?? undefined;
            } while (after !== undefined);
            const decided = decideRetention(runs.map(toJudge), policies, NOW).filter(({ goes }) => goes);
            const expected = new Map(
              decided.map(({ key, says }) => [key, says.map(({ policy }) => policy ?? "").sort()]),
            );
            expect(looked).toBe(runs.length);
            expect(found).toEqual(expected);
          },
        ),
        { numRuns: 40 },
      );
    }));
});
