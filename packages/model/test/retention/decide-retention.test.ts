import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decideRetention,
  isTerminalRunState,
  type NamedPolicy,
  orderPolicies,
  RetentionPolicy,
  type RetentionPolicyInput,
  RUN_STATES,
  type RunToJudge,
} from "../../src/index.ts";

const DAY = 86_400_000;
const NOW = 1_000 * DAY;

const policy = (id: string, input: RetentionPolicyInput): NamedPolicy => ({ id, policy: RetentionPolicy.parse(input) });

/** Runs by the day they were due, newest last. */
const run = (key: string, given: Partial<RunToJudge> = {}): RunToJudge => ({
  key,
  instance: "prd",
  dagId: "index",
  state: "success",
  dueAt: NOW,
  endedAt: given.dueAt ?? NOW,
  subjects: [{ type: "aid", id: "1" }],
  ...given,
});

const gone = (runs: readonly RunToJudge[], ...policies: readonly NamedPolicy[]): readonly string[] =>
  decideRetention(runs, policies, NOW)
    .filter(({ goes }) => goes)
    .map(({ key }) => key);

const aid = (id: string) => ({ type: "aid", id });
const day = (n: number): number => NOW - n * DAY;

const history = [
  run("a", { dueAt: day(9), state: "failed" }),
  run("b", { dueAt: day(8) }),
  run("c", { dueAt: day(7), state: "failed" }),
  run("d", { dueAt: day(6) }),
  run("e", { dueAt: day(5), state: "failed" }),
  run("f", { dueAt: day(4), state: "failed" }),
];

describe("what each rule keeps of a subject's runs", () => {
  test("everything where no policy applies", () => {
    expect(gone(history)).toEqual([]);
    expect(gone(history, policy("p", { scope: { subject_type: "other" }, rule: { keep: "last_n", n: 1 } }))).toEqual(
      [],
    );
    expect(gone(history, policy("p", { enabled: false, rule: { keep: "last_n", n: 1 } }))).toEqual([]);
  });

  test("the latest success and the newest run, as the seed's README says", () => {
    expect(gone(history, policy("p", { rule: { keep: "latest_success_and_newest" } }))).toEqual(["a", "b", "c", "e"]);
  });

  test("what is not older than the latest success, as the seed's code does; without a success all", () => {
    const keep = policy("p", { rule: { keep: "older_than_latest_success" } });
    expect(gone(history, keep)).toEqual(["a", "b", "c"]);
    expect(
      gone(
        history.filter(({ state }) => state === "failed"),
        keep,
      ),
    ).toEqual([]);
  });

  test("the newest n, and the latest success", () => {
    expect(gone(history, policy("p", { rule: { keep: "last_n", n: 1 } }))).toEqual(["a", "b", "c", "e"]);
    expect(gone(history, policy("p", { rule: { keep: "last_n", n: 4 } }))).toEqual(["a", "b"]);
  });

  test("failures for some days since they ended", () => {
    const keep = policy("p", { rule: { keep: "failures_days", days: 6 } });
    expect(gone(history, keep)).toEqual(["a", "c"]);
    expect(gone([run("x", { state: "failed", dueAt: day(30), endedAt: day(2) })], keep)).toEqual([]);
  });

  test("a run that has not finished is never let go", () => {
    const active = [run("a", { dueAt: day(9), state: "running", endedAt: null }), ...history.slice(1)];
    expect(gone(active, policy("p", { rule: { keep: "latest_success_and_newest" } }))).not.toContain("a");
  });
});

describe("who has a say", () => {
  const keep = policy("p", { rule: { keep: "latest_success_and_newest" } });
  test("a bulk run stays until the last of its objects has something newer", () => {
    const bulk = run("bulk", { dueAt: day(9), subjects: [aid("1"), aid("2")] });
    const newer = run("new", { dueAt: day(1), subjects: [aid("1")] });
    expect(gone([bulk, newer], keep)).toEqual([]);
    expect(gone([bulk, newer, run("too", { dueAt: day(0), subjects: [aid("2")] })], keep)).toEqual(["bulk"]);
  });

  test("a subject that no policy speaks of needs all its runs", () => {
    const narrow = policy("p", { scope: { subject_type: "aid" }, rule: { keep: "last_n", n: 1 } });
    const old = run("old", { dueAt: day(9), subjects: [aid("1"), { type: "collection", id: "c" }] });
    expect(gone([old, run("new")], narrow)).toEqual([]);
  });

  test("runs without subjects are judged with those of their DAG on their instance", () => {
    const alone = { subjects: [] };
    const runs = [
      run("old", { ...alone, dueAt: day(3) }),
      run("new", { ...alone, dueAt: day(2) }),
      run("elsewhere", { ...alone, dueAt: day(9), instance: "stage" }),
      run("another", { ...alone, dueAt: day(9), dagId: "other" }),
    ];
    expect(gone(runs, keep)).toEqual(["old"]);
    expect(gone(runs, policy("p", { scope: { subject_type: "aid" }, rule: { keep: "last_n", n: 1 } }))).toEqual([]);
  });

  test("the more exact policy goes first: subject type, then DAG, then instance, then id", () => {
    const everything = { keep: "everything" } as const;
    const policies = [
      policy("b", { rule: everything }),
      policy("a", { rule: everything }),
      policy("instance", { scope: { instance: "prd" }, rule: everything }),
      policy("dag-glob", { scope: { dag: "ind*" }, rule: everything }),
      policy("dag", { scope: { dag: "index" }, rule: everything }),
      policy("dag-and-instance", { scope: { dag: "index", instance: "p*" }, rule: everything }),
      policy("type", { scope: { subject_type: "aid" }, rule: everything }),
      policy("off", { enabled: false, scope: { subject_type: "aid", dag: "index" }, rule: everything }),
    ];
    expect(orderPolicies(policies).map(({ id }) => id)).toEqual([
      "type",
      "dag-and-instance",
      "dag",
      "dag-glob",
      "instance",
      "a",
      "b",
    ]);
  });

  test("a more exact policy that keeps everything protects from a wider one", () => {
    const wide = policy("wide", { rule: { keep: "last_n", n: 1 } });
    const protect = policy("protect", { scope: { dag: "index" }, rule: { keep: "everything" } });
    expect(gone(history, wide)).not.toEqual([]);
    expect(gone(history, wide, protect)).toEqual([]);
  });
});

const anyRun = fc.record({
  instance: fc.constantFrom("prd", "stage"),
  dagId: fc.constantFrom("index", "harvest"),
  state: fc.constantFrom(...RUN_STATES),
  dueAt: fc.integer({ min: 0, max: 12 }).map((n) => day(n)),
  subjects: fc.uniqueArray(
    fc.record({ type: fc.constantFrom("aid", "collection"), id: fc.constantFrom("1", "2", "3") }),
    { maxLength: 4, selector: ({ type, id }) => `${type}/${id}` },
  ),
});
const anyRuns = fc
  .array(anyRun, { maxLength: 30 })
  .map((runs) => runs.map((fields, index) => run(`run-${index}`, { ...fields, endedAt: fields.dueAt })));
const anyRule = fc.oneof(
  fc.constantFrom(
    { keep: "everything" } as const,
    { keep: "latest_success_and_newest" } as const,
    { keep: "older_than_latest_success" } as const,
  ),
  fc.integer({ min: 1, max: 4 }).map((n) => ({ keep: "last_n" as const, n })),
  fc.integer({ min: 1, max: 10 }).map((days) => ({ keep: "failures_days" as const, days })),
);
const optional = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined });
const anyPolicies = fc
  .array(
    fc.record({
      type: optional(fc.constantFrom("aid", "collection")),
      dag: optional(fc.constantFrom("index", "h*")),
      instance: optional(fc.constantFrom("prd", "*")),
      rule: anyRule,
    }),
    { maxLength: 4 },
  )
  .map((policies) =>
    policies.map(({ type, dag, instance, rule }, index) =>
      policy(`p${index}`, {
        scope: {
          ...(type !== undefined && { subject_type: type }),
          ...(dag !== undefined && { dag }),
          ...(instance !== undefined && { instance }),
        },
        rule,
      }),
    ),
  );

describe("whatever the runs and policies", () => {
  test("nobody loses the latest success, and nothing unfinished goes", () => {
    fc.assert(
      fc.property(anyRuns, anyPolicies, (runs, policies) => {
        const lost = new Set(gone(runs, ...policies));
        if (runs.some(({ key, state }) => lost.has(key) && !isTerminalRunState(state))) return false;
        const subjects = new Set(runs.flatMap((one) => one.subjects.map(({ type, id }) => `${type}/${id}`)));
        return [...subjects].every((name) => {
          const own = runs.filter((one) => one.subjects.some(({ type, id }) => `${type}/${id}` === name));
          const successes = own.filter(({ state }) => state === "success");
          const latest = Math.max(...successes.map(({ dueAt }) => dueAt));
          return successes.length === 0 || successes.some(({ key, dueAt }) => dueAt === latest && !lost.has(key));
        });
      }),
    );
  });

  test("deciding again over what is left lets nothing more go", () => {
    fc.assert(
      fc.property(anyRuns, anyPolicies, (runs, policies) => {
        const lost = new Set(gone(runs, ...policies));
        const left = runs.filter(({ key }) => !lost.has(key));
        return gone(left, ...policies).length === 0;
      }),
    );
  });

  test("a run about more objects never goes sooner", () => {
    fc.assert(
      fc.property(anyRuns, anyPolicies, fc.nat(), (runs, policies, pick) => {
        if (runs.length === 0) return true;
        const index = pick % runs.length;
        const keeper = { type: "keeper", id: "k" };
        const protect = policy("keeper", { scope: { subject_type: "keeper" }, rule: { keep: "everything" } });
        const more = runs.map((one, at) => (at === index ? { ...one, subjects: [...one.subjects, keeper] } : one));
        return !gone(more, ...policies, protect).includes(`run-${index}`);
      }),
    );
  });
});
