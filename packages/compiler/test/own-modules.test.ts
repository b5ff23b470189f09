import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createModuleCatalogue, describeModule, readOwnModule } from "../src/index.ts";
import { parseSqlTemplate, TemplateRefused } from "../src/modules/own/sql-template.ts";

const MANIFEST = {
  name: "mask-texts",
  display_name: "Mask texts",
  description: "Hides the beginning of texts.",
  type: "transformer",
  config: {
    type: "object",
    properties: {
      columns: { type: "array", items: { type: "string" }, title: "Columns" },
      mark: { type: "string", default: "*", title: "Mark" },
    },
    required: ["columns"],
  },
  sql: "mask.sql",
};
const TEMPLATE = "select * replace ({{ config.mark }} as {{ column config.columns }}) from input;\n";

const read = (changes: object = {}, files: Readonly<Record<string, string>> = { "mask.sql": TEMPLATE }) =>
  readOwnModule({ manifest: { ...MANIFEST, ...changes }, file: (name) => files[name] });

const compile = (config: object, module = read(), inputs: readonly string[] = ["input"]) => {
  const configured = module.configure(config);
  if (!configured.success) throw configured.error;
  return configured.data.compile({ inputs });
};

const sqlOf = (template: string, config: object) => parseSqlTemplate(template).fill(config as Record<string, unknown>);

/** What stands between quotes that begin at `from`, and where it ends; read as SQL reads it. */
const quoted = (sql: string, from: number) => {
  const mark = sql[from];
  let text = "";
  for (let at = from + 1; at < sql.length; at += 1) {
    if (sql[at] !== mark) text += sql[at];
    else if (sql[at + 1] === mark) text += sql[(at += 1)];
    else return { text, end: at + 1 };
  }
  throw new Error("it does not end");
};

describe("a template of SQL", () => {
  test("takes texts, numbers, flags, lists and nothing else, each as a literal", () => {
    const config = { a: "l'eau", b: 1.5, c: true, d: ["x", "y'"], e: null };
    expect(
      sqlOf("{{ config.a }},{{config.b}},{{ config.c }},{{ config.d }},{{ config.e }},{{ config.f }}", config),
    ).toBe("'l''eau',1.5,true,['x', 'y'''],null,null");
    expect(() => sqlOf("{{ config.a }}", { a: { b: 1 } })).toThrow(TemplateRefused);
    expect(sqlOf("{{ column config.a }}, {{ column config.d }}", { a: 'a"b', d: ["x", "y"] })).toBe('"a""b", "x", "y"');
    expect(() => sqlOf("{{ column config.a }}", { a: [] })).toThrow("names no column");
  });

  test.each([
    ["'{{ config.a }}'", "within quotes"],
    ['"{{ config.a }}"', "within quotes"],
    ["-- {{ config.a }}\nselect 1", "within quotes or a remark"],
    ["/* {{ config.a }} */ select 1", "within quotes or a remark"],
    ["select $$ {{ config.a }} $$", "texts between $$"],
    ["select $x$ {{ config.a }} $x$", "texts between $$"],
    ["select e'\\' || 'x' || {{ config.a }}", "texts of the form"],
    ["/* /* */ */ select {{ config.a }}", "remarks within remarks"],
    ["select {{ a }}", "is none of"],
    ["select {{ config.a | upper }}", "is none of"],
    ["{% if config.a %} select 1", "is none of"],
    ["select {{ raw config.a }}", "is none of"],
  ])("refuses %j, where a value could become text", (template, reason) => {
    expect(() => parseSqlTemplate(template)).toThrow(reason);
  });

  test("keeps any text one literal and any name one name", () => {
    const texts = fc.string({ unit: fc.constantFrom("'", '"', "\\", "a", "-", "*", "/", "$", "\n", "\u0000", " as ") });
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        const sql = sqlOf("select {{ config.a }} as {{ column config.b }}", { a, b: `x${b}` });
        const literal = quoted(sql, "select ".length);
        expect(literal.text).toBe(a);
        expect(sql.slice(literal.end, literal.end + 4)).toBe(" as ");
        expect(quoted(sql, literal.end + 4)).toEqual({ text: `x${b}`, end: sql.length });
      }),
    );
  });
});

describe("a module of one's own", () => {
  test("compiles to an ordinary statement, its defaults filled in and parameters bound", () => {
    expect(compile({ columns: ["name"] })).toEqual({
      kind: "sql",
      outputs: { out: { parts: [`\nselect * replace ('*' as "name") from input\n`], params: [] } },
    });
    expect(compile({ columns: ["name"], mark: "{{ params.mark }}" })).toMatchObject({
      outputs: { out: { parts: [expect.stringContaining("cast($p_mark as varchar)")], params: ["mark"] } },
    });
  });

  test("has as many outputs as statements", () => {
    const files = { "good.sql": "select * from input", "bad.sql": "select 1 where {{ config.mark }} = ''" };
    const module = read({ sql: { out: "good.sql", rejects: "bad.sql" } }, files);
    const configured = module.configure({ columns: [] });
    expect(configured.success && configured.data.outputs).toEqual(["out", "rejects"]);
  });

  test("judges a config by the schema of the manifest", () => {
    expect(read().configure({ columns: "name" }).success).toBe(false);
    expect(read().configure({ columns: [], surprise: 1 }).success).toBe(false);
    expect(describeModule(read())).toMatchObject({
      name: "mask-texts",
      displayName: "Mask texts",
      configSchema: MANIFEST.config,
      defaults: { mark: "*" },
    });
  });

  test("takes its place among the others, and that of one with its name", () => {
    const catalogue = createModuleCatalogue([read(), read({ name: "filter" })]);
    expect(catalogue.find("mask-texts-1763455880430", "transformer")?.displayName).toBe("Mask texts");
    expect(catalogue.find("filter", "transformer")?.displayName).toBe("Mask texts");
    expect(catalogue.modules.filter(({ name }) => name === "filter")).toHaveLength(1);
  });

  test("of Python gets its frames in the manifest's order, its config as data, and parameters", () => {
    const module = read(
      {
        sql: undefined,
        python: "step.py",
        inputs: [{ name: "right" }, { name: "left" }, { name: "spare", required: false }],
        config: { type: "object", properties: { mark: { type: "string" }, n: { type: "integer" } } },
      },
      {
        "step.py":
          "def transform(right, left, spare, config, params):\n    return [right, left, spare, config, params]\n",
      },
    );
    const body = compile({ mark: '"""\n{{ params.m }}', n: 3 }, module, ["left", "right"]);
    expect(body).toMatchObject({ kind: "python", timeoutSeconds: 300 });
    if (body.kind !== "python") return;
    const script = `import json\n${body.code}\nprint(json.dumps(${body.function}("L", "R", params={"m": "M"})))`;
    const answer: unknown = JSON.parse(execFileSync("python3", ["-c", script], { encoding: "utf8" }));
    expect(answer).toEqual(["R", "L", null, { mark: '"""\nM', n: 3 }, { m: "M" }]);
  });

  test.each([
    [{ name: "Mask Texts" }, "name: lower-case words"],
    [{ type: "loader" }, "type: must be extractor or transformer"],
    [{ sql: undefined }, "name one of sql and python"],
    [{ python: "x.py" }, "name one of sql and python"],
    [{ sql: "other.sql" }, "there is no file other.sql beside module.yaml"],
    [{ sql: "../../etc/passwd" }, "the name of a file in the same folder"],
    [{ colour: "red", display_nam: "x" }, "is not known"],
    [{ config: { type: "object", properties: { columns: {} } } }, "config.mark is no property of config"],
    [{ config: { type: "object", properties: { mark: {}, columns: {}, c: { format: "connection" } } } }, "connection"],
    [{ config: { type: "object", properties: { mark: { $ref: "#/nowhere" } } } }, "no JSON Schema that can be used"],
    [{ type: "extractor", inputs: [{ name: "input" }] }, "an extractor has none"],
    [null, "expected object"],
  ])("is refused with the reason for %j", (changes, reason) => {
    const refused = () => (changes === null ? readOwnModule({ manifest: null, file: () => undefined }) : read(changes));
    expect(refused).toThrow(reason);
  });
});
