import type { RunFacts } from "@airfleet/model";
import { describe, expect, test } from "vitest";
import { createSubjectMatcher } from "../../src/subjects/subject-matcher.ts";

const run: RunFacts = {
  instance: "cinco-prd",
  dagId: "index_finding_aid",
  runId: "manual__1",
  logicalDate: null,
  conf: { finding_aid_id: 12, eadid: "kt1" },
};

const rule = (fields: object = {}) => ({
  dags: ["index_finding_aid"],
  subjects: [{ type: "finding-aid", id: "{{ conf.finding_aid_id }}" }],
  ...fields,
});

const aMatcher = async (bodies: Readonly<Record<string, unknown>>) => {
  const stored = new Map<string, unknown>(Object.entries(bodies));
  const warnings: { rule?: string; problem?: string }[] = [];
  let revision = 1;
  let lists = 0;
  const matcher = createSubjectMatcher({
    documents: {
      list: async () => {
        lists += 1;
        return [...stored].map(([id, body]) => ({ id, body }));
      },
      revision: async () => revision,
    },
    now: () => 5_000,
    logger: {
      debug: () => undefined,
      info: () => undefined,
      warn: (fields) => warnings.push(fields),
      error: () => undefined,
    },
  });
  await matcher.refresh();
  const put = (id: string, body: unknown): void => {
    stored.set(id, body);
    revision += 1;
  };
  return { matcher, warnings, put, lists: () => lists };
};

describe("the subject matcher", () => {
  test("gives what all rules say, each subject once, with the label of whoever knows it", async () => {
    const { matcher } = await aMatcher({
      a: rule({ subjects: [{ type: "finding-aid", id: "{{ conf.finding_aid_id }}", label: "{{ conf.eadid }}" }] }),
      b: rule({ dags: ["*"] }),
      c: rule({ dags: ["*"], subjects: [{ type: "dag", id: "{{ dag_id }}" }] }),
    });
    expect(matcher.match(run)).toEqual([
      { type: "finding-aid", id: "12", label: "kt1" },
      { type: "dag", id: "index_finding_aid" },
    ]);
  });

  test("reads the rules again only when one has changed", async () => {
    const { matcher, put, lists } = await aMatcher({ a: rule() });
    await matcher.refresh();
    await matcher.refresh();
    expect(lists()).toBe(1);
    put("a", rule({ dags: ["another"] }));
    expect(matcher.match(run)).toHaveLength(1);
    await matcher.refresh();
    expect(lists()).toBe(2);
    expect(matcher.match(run)).toEqual([]);
  });

  test("passes over a rule that gives nonsense, counts it, and logs it once until it is changed", async () => {
    const { matcher, warnings, put } = await aMatcher({ a: rule(), b: rule({ subjects: [{ type: "x", id: "ok" }] }) });
    const bad = { ...run, conf: { finding_aid_id: { oh: "no" } } };
    for (let n = 0; n < 3; n += 1) expect(matcher.match(bad)).toEqual([{ type: "x", id: "ok" }]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject({ rule: "a", problem: expect.stringContaining("is an object") });
    const tallies = matcher.takeTallies();
    expect(tallies.get("a")).toMatchObject({ matchedRuns: 3, subjects: 0, failures: 3, lastErrorAt: 5_000 });
    expect(tallies.get("b")).toMatchObject({ matchedRuns: 3, subjects: 3, failures: 0, lastError: null });
    expect(matcher.takeTallies().size).toBe(0);
    put("a", rule({ description: "changed" }));
    await matcher.refresh();
    matcher.match(bad);
    expect(warnings).toHaveLength(2);
  });

  test("goes on without a rule that cannot be used at all", async () => {
    const { matcher, warnings } = await aMatcher({ broken: { dags: 7 }, good: rule() });
    expect(matcher.match(run)).toHaveLength(1);
    expect(warnings[0]).toMatchObject({ rule: "broken" });
    expect(matcher.takeTallies().get("broken")?.lastError).toContain("dags");
  });

  test("does not throw when the conf itself does", async () => {
    const { matcher, warnings } = await aMatcher({ a: rule() });
    const conf = Object.defineProperty({}, "finding_aid_id", {
      enumerable: true,
      get: () => {
        throw new Error("a trap");
      },
    });
    expect(matcher.match({ ...run, conf })).toEqual([]);
    expect(warnings[0]).toMatchObject({ problem: "a trap" });
  });
});
