import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { toPythonLiteral } from "../src/index.ts";

const READ = "import ast, json, sys\nfor line in sys.stdin: print(json.dumps(ast.literal_eval(json.loads(line))))";

/** What Python makes of the literals, one process for all. */
const readInPython = (literals: readonly string[]): readonly unknown[] =>
  execFileSync("python3", ["-c", READ], { input: `${literals.map((text) => JSON.stringify(text)).join("\n")}\n` })
    .toString("utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);

const HOSTILE = [
  '"""',
  "'''",
  '"); import os; os.system("x")',
  "{{ params.x }} {% raw %}",
  "\\",
  "\\N{DASH}",
  "a\nb\r\nc\u2028d\u2029e\u0085f",
  "\u0000\u001b[31m",
  "\u202Eright to left",
  "🙂é漢",
  "\ud800 alone",
  "%s %(x)s {0} ${HOME}",
];

test("whatever a text holds, Python reads it back as it was", () => {
  expect(readInPython(HOSTILE.map((text) => toPythonLiteral(text)))).toEqual(HOSTILE);
});

// Five hundred values through another process.
test("any JSON value is the same value in Python", { timeout: 30_000 }, () => {
  const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));
  const key = fc.string({ unit: "binary" }).filter((name) => name !== "__proto__");
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constant(null),
      fc.boolean(),
      number,
      fc.string({ unit: "binary" }),
      fc.array(tie("value"), { maxLength: 5 }),
      fc.dictionary(key, tie("value"), { maxKeys: 5, noNullPrototype: true }),
    ),
  }));
  const values = fc.sample(value, 500);
  expect(readInPython(values.map((each) => toPythonLiteral(each)))).toEqual(
    values.map((each) => JSON.parse(JSON.stringify(each)) as unknown),
  );
});

test("a literal is ASCII, and long ones are broken into lines", () => {
  const text = toPythonLiteral({ name: "é".repeat(10), rows: Array.from({ length: 40 }, (_, index) => index * 1_000) });
  expect(text).toMatch(/^[\n -~]*$/);
  expect(text.split("\n").length).toBeGreaterThan(10);
});

test("what JSON cannot hold is refused", () => {
  expect(() => toPythonLiteral(Number.NaN)).toThrow("NaN is no JSON number");
  expect(() => toPythonLiteral(() => 1)).toThrow("a function cannot be written as Python");
});
