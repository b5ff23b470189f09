import { describe, expect, test } from "vitest";
import { compileSubjectRule, type RunFacts, SubjectRule, type SubjectRuleInput } from "../../src/index.ts";

const facts = (given: Partial<RunFacts> = {}): RunFacts => ({
  instance: "cinco-prd",
  dagId: "index_finding_aid",
  runId: "cinco__ark:13030:kt1__2026-11-21",
  logicalDate: "2026-11-21T00:00:00Z",
  conf: {},
  ...given,
});

const rule = (input: Partial<SubjectRuleInput>): SubjectRuleInput => ({
  dags: ["*"],
  subjects: [{ type: "thing", id: "{{ conf.id }}" }],
  ...input,
});

const apply = (input: Partial<SubjectRuleInput>, given: Partial<RunFacts>) =>
  compileSubjectRule(SubjectRule.parse(rule(input))).compiled.apply(facts(given));

const ids = (id: string, conf: RunFacts["conf"]): readonly string[] =>
  apply({ subjects: [{ type: "thing", id }] }, { conf }).subjects.map((subject) => subject.id);

const matched = (when: SubjectRuleInput["when"], conf: object) => apply({ when }, { conf: { ...conf } }).matched;

const captured = (runId: string) =>
  apply({ capture: { run_id: "cinco__{ark}__*" }, subjects: [{ type: "ark", id: "{{ run_id.ark }}" }] }, { runId });

const findings = (input: unknown): readonly string[] => {
  const parsed = SubjectRule.safeParse(input);
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join("/")}: ${message}`);
};

describe("subjects by rule", () => {
  test("the finding aid of a run, with label and link", () => {
    const outcome = apply(
      {
        dags: ["index_finding_aid"],
        subjects: [
          {
            type: "finding-aid",
            id: "{{ conf.finding_aid_id }}",
            label: "{{ conf.eadid }}",
            url: "https://cinco.example.org/admin/findingaids/{{ conf.finding_aid_id }}",
          },
        ],
      },
      { conf: { finding_aid_id: 123, eadid: "kt9/1" } },
    );
    expect(outcome).toEqual({
      matched: true,
      problem: null,
      subjects: [
        {
          type: "finding-aid",
          id: "123",
          label: "kt9/1",
          url: "https://cinco.example.org/admin/findingaids/123",
        },
      ],
    });
  });

  test.each([
    ["{{ conf.id }}", { id: "a/b ü" }, ["a/b ü"]],
    ["{{ conf.id }}", { id: 7.5 }, ["7.5"]],
    ["{{conf.a.b[1]}}", { a: { b: ["x", "y"] } }, ["y"]],
    ['{{ conf["odd key"] }}', { "odd key": "o" }, ["o"]],
    ["{{ conf.ids[] }}", { ids: ["1", 2, "3", "1"] }, ["1", "2", "3"]],
    ["{{ conf.items[].id }}-x", { items: [{ id: 1 }, {}, { id: 3 }] }, ["1-x", "3-x"]],
    ["{{ instance }}/{{ dag_id }}", {}, ["cinco-prd/index_finding_aid"]],
    ["fixed", {}, ["fixed"]],
  ])("%s of %j gives %j", (id, conf, expected) => {
    expect(ids(id, conf)).toEqual(expected);
  });

  test.each([{}, { id: null }, { id: "" }, { id: "***" }, null])("conf %j gives no subject and is no error", (conf) => {
    expect(apply({}, { conf })).toEqual({ matched: true, subjects: [], problem: null });
  });

  test.each([
    ["a list", { id: [1] }, "write conf.id[]"],
    ["an object", { id: {} }, "is an object"],
    ["a flag", { id: true }, "is a boolean"],
    ["a number that JSON has rounded", { id: 2 ** 60 }, "send it as a string"],
    ["2,001 characters", { id: "x".repeat(2_001) }, "2001 characters"],
    ["a line end", { id: "a\nb" }, "control character"],
    ["half a character", { id: "a\uD800" }, "lone surrogate"],
  ])("%s is told of", (_what, conf, message) => {
    const { subjects, problem } = apply({}, { conf });
    expect(subjects).toEqual([]);
    expect(problem).toContain(message);
  });

  test("2,000 characters are an id", () => {
    expect(ids("{{ conf.id }}", { id: "é".repeat(2_000) })).toEqual(["é".repeat(2_000)]);
  });

  test("what objects inherit is no conf", () => {
    for (const key of ["constructor", "__proto__", "toString"]) {
      const outcome = apply({ subjects: [{ type: "thing", id: `{{ conf.${key} }}` }] }, { conf: {} });
      expect(outcome).toEqual({ matched: true, subjects: [], problem: null });
    }
    expect(ids("{{ conf.__proto__ }}", JSON.parse('{"__proto__": "own"}') as RunFacts["conf"])).toEqual(["own"]);
  });

  test("a link's values are escaped and cannot choose the host; a bad one is left away", () => {
    const url = "https://x.example/{{ conf.id }}?q={{ conf.q }}";
    const link = (conf: object, given = url) =>
      apply({ subjects: [{ type: "t", id: "1", url: given }] }, { conf: { ...conf } }).subjects[0]?.url;
    expect(link({ id: "a/b?c#d", q: "é&x" })).toBe("https://x.example/a%2Fb%3Fc%23d?q=%C3%A9%26x");
    expect(link({ id: "javascript:alert(1)" }, "{{ conf.id }}")).toBeUndefined();
    expect(link({ id: "https://owner.example/1" }, "{{ conf.id }}")).toBe("https://owner.example/1");
    expect(link({ id: "a" })).toBeUndefined();
  });

  test("instances match ignoring case, DAGs do not", () => {
    expect(apply({ instances: ["CINCO-*"] }, { conf: { id: 1 } }).matched).toBe(true);
    expect(apply({ instances: ["other-*"] }, { conf: { id: 1 } }).matched).toBe(false);
    expect(apply({ dags: ["INDEX_*"] }, { conf: { id: 1 } }).matched).toBe(false);
    expect(apply({ enabled: false }, { conf: { id: 1 } }).matched).toBe(false);
  });

  test("conditions compare texts and numbers alike, flags exactly, lists by any", () => {
    expect(matched({ "conf.preview": "publish" }, { preview: "publish" })).toBe(true);
    expect(matched({ "conf.preview": "publish" }, { preview: "preview" })).toBe(false);
    expect(matched({ "conf.preview": "publish" }, {})).toBe(false);
    expect(matched({ "conf.n": 5 }, { n: "5" })).toBe(true);
    expect(matched({ "conf.flag": true }, { flag: true })).toBe(true);
    expect(matched({ "conf.flag": true }, { flag: "true" })).toBe(false);
    expect(matched({ "conf.env": ["stage", "prd"] }, { env: "prd" })).toBe(true);
  });

  test("parts of ids are taken out by patterns; an id of another form does not match", () => {
    expect(captured("cinco__ark:13030:kt1__2026").subjects).toEqual([{ type: "ark", id: "ark:13030:kt1" }]);
    expect(captured("manual__2026").matched).toBe(false);
    expect(captured("cinco____2026").matched).toBe(false);
  });
});

describe("a rule is refused when it is loaded", () => {
  test.each([
    [
      "an unknown placeholder",
      { subjects: [{ type: "t", id: "{{ config.id }}" }] },
      "subjects/0/id: The template {{ config.id }} is unknown",
    ],
    ["an open placeholder", { subjects: [{ type: "t", id: "{{ conf.id" }] }, 'has "{{" without "}}"'],
    ["an expression", { subjects: [{ type: "t", id: "{{ conf.id | upper }}" }] }, "cannot be read"],
    ["a list within a list", { subjects: [{ type: "t", id: "{{ conf.a[].b[] }}" }] }, "one [] is possible"],
    ["two lists", { subjects: [{ type: "t", id: "{{ conf.a[] }}{{ conf.b[] }}" }] }, "two lists at once"],
    [
      "a label that walks a list alone",
      { subjects: [{ type: "t", id: "1", label: "{{ conf.a[] }}" }] },
      "subjects/0/label",
    ],
    ["an id that is always too long", { subjects: [{ type: "t", id: "x".repeat(2_001) }] }, "Can never yield an id"],
    ["an id with a line end", { subjects: [{ type: "t", id: "a\n{{ conf.id }}" }] }, "control character"],
    [
      "a part that no pattern names",
      { subjects: [{ type: "t", id: "{{ run_id.ark }}" }] },
      '"capture" has no pattern for run_id',
    ],
    [
      "a link of another kind",
      { subjects: [{ type: "t", id: "1", url: "javascript:{{ conf.id }}" }] },
      "subjects/0/url",
    ],
    [
      "a host by placeholder",
      { subjects: [{ type: "t", id: "1", url: "https://{{ conf.host }}/" }] },
      "subjects/0/url",
    ],
    [
      "half a host by placeholder",
      { subjects: [{ type: "t", id: "1", url: "https://a.{{ conf.host }}/" }] },
      "subjects/0/url",
    ],
    ["a pattern without a name", { capture: { run_id: "a*b" } }, "capture/run_id: The pattern names no part"],
    ["a pattern whose parts touch", { capture: { run_id: "{a}{b}" } }, "nothing between them"],
    ["a pattern with a lone brace", { capture: { run_id: "{a}}" } }, "lone"],
    ["a condition that is no place", { when: { preview: 1 } }, "when/preview"],
    ["an instance glob that no id can match", { instances: ["eu prod"] }, "instances/0: No instance id can match"],
    ["a type with capitals", { subjects: [{ type: "FindingAid", id: "1" }] }, "subjects/0/type"],
    ["no subject", { subjects: [] }, "subjects"],
    ["an unknown key", { dag: "x" }, "Unrecognized key"],
  ])("%s", (_what, input, message) => {
    expect(findings({ ...rule({}), ...input }).join(" | ")).toContain(message);
  });

  test("all that is wrong is told at once", () => {
    expect(findings(rule({ when: { x: 1 }, subjects: [{ type: "t", id: "{{ a }}", label: "{{ b }}" }] }))).toHaveLength(
      3,
    );
  });
});
