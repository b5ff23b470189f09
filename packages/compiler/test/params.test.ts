import { describe, expect, test } from "vitest";
import { bindReferences, MisplacedParam } from "../src/params/bind-references.ts";
import { foreignExpression, paramsIn, splitAtReferences, wholeReference } from "../src/params/param-references.ts";
import { toPlanValue } from "../src/params/to-plan-value.ts";

describe("references to parameters", () => {
  test("a text is split at them", () => {
    expect(splitAtReferences("a/{{ params.day }}/{{params.n}}.csv")).toEqual([
      "a/",
      { param: "day" },
      "/",
      { param: "n" },
      ".csv",
    ]);
    expect(wholeReference("  {{ params.day }} ")).toBe("day");
    expect(wholeReference("x{{ params.day }}")).toBeUndefined();
    expect(paramsIn({ a: ["{{ params.x }}", { b: "{{params.y}} {{ params.x }}" }] })).toEqual(["x", "y"]);
  });

  test("other expressions are none", () => {
    expect(splitAtReferences("{{ ds }} {{ params.__class__.x }} {{ params['x'] }}")).toEqual([
      "{{ ds }} {{ params.__class__.x }} {{ params['x'] }}",
    ]);
    expect(foreignExpression("a {{ ds }} b")).toBe("{{ ds }}");
    expect(foreignExpression("{% for x in y %}")).toBe("{% for x in y %}");
    expect(foreignExpression("{{ params.x }}")).toBeUndefined();
  });

  test("a value keeps them apart from its text", () => {
    expect(
      toPlanValue({ path: "in/{{ params.day }}.csv", limit: "{{ params.n }}", plain: "x", list: [1, null] }),
    ).toEqual({
      path: { $text: ["in/", { $param: "day" }, ".csv"] },
      limit: { $param: "n" },
      plain: "x",
      list: [1, null],
    });
  });
});

describe("references in SQL", () => {
  test("are bound in code", () => {
    expect(bindReferences("amount > {{ params.min }} -- {{ params.no }}\nand b = {{ params.min }}")).toEqual({
      text: "amount > $p_min -- \nand b = $p_min",
      params: ["min"],
    });
  });

  test("cut a text around them, so that a value with quotes stays a value", () => {
    expect(bindReferences("name like '%{{ params.x }}%' /* '{{ params.y }} */ and 'it''s' <> {{ params.z }}")).toEqual({
      text: "name like '%' || cast($p_x as varchar) || '%' /* ' */ and 'it''s' <> $p_z",
      params: ["x", "z"],
    });
  });

  test("cannot name anything", () => {
    expect(() => bindReferences('select "{{ params.column }}" from input')).toThrow(MisplacedParam);
  });
});
