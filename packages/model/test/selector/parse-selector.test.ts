import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AirfleetError, parseSelector, printSelector, type SelectorScope } from "../../src/index.ts";
import { arbitrarySelector } from "./arbitrary-selector.ts";

const refusal = (text: string, scope: SelectorScope = "runs"): AirfleetError => {
  try {
    parseSelector(text, scope);
  } catch (error) {
    if (error instanceof AirfleetError) return error;
    throw error;
  }
  throw new Error(`"${text}" was read`);
};

const outcome = (text: string, scope: SelectorScope): string => {
  try {
    return `${parseSelector(text, scope).terms.length} terms`;
  } catch (error) {
    return error instanceof AirfleetError ? error.code : String(error);
  }
};

describe("parseSelector", () => {
  it("reads the design's own example", () => {
    expect(parseSelector("instance=eu-* tag=tier1 state=failed !later_success", "runs").terms).toEqual([
      { kind: "values", key: "instance", name: null, operator: "=", values: ["eu-*"] },
      { kind: "values", key: "tag", name: null, operator: "=", values: ["tier1"] },
      { kind: "values", key: "state", name: null, operator: "=", values: ["failed"] },
      { kind: "flag", key: "later_success", wanted: false },
    ]);
  });

  it("reads quotes, commas, names and comparisons", () => {
    const text = String.raw`label.team=data,"a b" conf."my key"="1, \"2\"" duration>10m due>=7d instance!=x paused`;
    expect(parseSelector(text, "runs").terms).toEqual([
      { kind: "values", key: "label", name: "team", operator: "=", values: ["data", "a b"] },
      { kind: "values", key: "conf", name: "my key", operator: "=", values: ['1, "2"'] },
      { kind: "values", key: "duration", name: null, operator: ">", values: ["10m"] },
      { kind: "values", key: "due", name: null, operator: ">=", values: ["7d"] },
      { kind: "values", key: "instance", name: null, operator: "!=", values: ["x"] },
      { kind: "flag", key: "paused", wanted: true },
    ]);
  });

  it.each([
    ["", 1, "", "empty"],
    ["  ", 1, "", "empty"],
    ["dag=a instnace=x", 7, "instnace=x", 'no key "instnace"'],
    ["__proto__=x", 1, "__proto__=x", 'no key "__proto__"'],
    ["constructor=x", 1, "constructor=x", "no key"],
    ["state=faild", 1, "state=faild", "no state"],
    ["state=", 1, "state=", "value is missing"],
    ['dag="a', 1, 'dag="a', "value is missing"],
    ["dag=a,,b", 1, "dag=a,,b", "value is missing"],
    ['dag="a"b', 1, 'dag="a"b', "does not end"],
    ["dag", 1, "dag", "needs a value"],
    ["!dag=a", 1, "!dag=a", "flags"],
    ["paused=true", 1, "paused=true", "takes no value"],
    ["tag>a", 1, "tag>a", "no order"],
    ["duration=10m", 1, "duration=10m", "compared"],
    ["duration>10", 1, "duration>10", "no length of time"],
    ["due>2026-11-20T00:00:00", 1, "due>2026-11-20T00:00:00", "no time"],
    ["due>1d,2d", 1, "due>1d,2d", "one value"],
    ["label=x", 1, "label=x", "name is missing"],
    ["dag.x=x", 1, "dag.x=x", "takes no name"],
    ["conf.a!=1", 1, "conf.a!=1", "knows = only"],
    ["conf.a=x*", 1, "conf.a=x*", "looked up as it is"],
    ["conf.a=1 conf.a=2", 10, "conf.a=2", "twice"],
    ["subject=abc", 1, "subject=abc", "type, a slash"],
    ["later_success", 1, "later_success", "opposite"],
    ["=x", 1, "=x", "begins with a key"],
    ["conf.=x", 1, "conf.=x", "follow the dot"],
  ])("refuses %j at character %i, naming %j", (text, position, term, reason) => {
    const error = refusal(text);
    expect(error.code).toBe("SELECTOR_INVALID");
    expect(error.details).toMatchObject({ position, term });
    expect(error.message).toContain(reason);
  });

  it("suggests the key and the word that were meant", () => {
    expect(refusal("instnace=x").message).toContain('Did you mean "instance"?');
    expect(refusal("colour=x").message).toContain('there is no key "colour". Known here: instance, ');
    expect(refusal("state=faild").message).toContain('Did you mean "failed"?');
  });

  it("refuses a key that says nothing about what is picked", () => {
    expect(refusal("state=failed", "dags").message).toContain("says something about runs, and dags are picked here");
    expect(refusal("tag=x", "instances").message).toContain("says something about dags, and instances are picked here");
  });

  it("refuses a text of a megabyte at once", () => {
    expect(refusal(`dag=${"*a".repeat(500_000)}`).code).toBe("SELECTOR_INVALID");
  });

  it("reads what it has printed", () => {
    fc.assert(
      fc.property(arbitrarySelector, (selector) => {
        expect(parseSelector(printSelector(selector), selector.scope)).toEqual(selector);
      }),
    );
  });

  it("answers any text with a selector or with a coded refusal", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.constantFrom("instances", "dags", "runs"), (text, scope) => {
        expect(outcome(text, scope)).toMatch(/^[1-9]\d* terms$|^SELECTOR_INVALID$/);
      }),
    );
  });
});
