import { z } from "zod";
import { type SqlPart, toSql, user } from "../../sql/to-sql.ts";
import { sqlExpression } from "../config-fields.ts";
import { defineModule } from "../module-definition.ts";

const OutputName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,49}$/, "lower-case letters, digits and _, beginning with a letter")
  .meta({ title: "Output" });

export const splitByCondition = defineModule({
  name: "split-by-condition",
  displayName: "Split by condition",
  description: "Sends each row to the output of the first condition that holds for it, or to the last output.",
  type: "transformer",
  category: "route",
  icon: "git-fork",
  inputs: [{ name: "input", required: true }],
  config: z
    .strictObject({
      conditions: z
        .array(z.strictObject({ output: OutputName, condition: sqlExpression("Condition", "country = 'FR'") }))
        .min(1)
        .max(50)
        .meta({ title: "Conditions" }),
      otherwise: OutputName.default("otherwise"),
    })
    .refine(
      ({ conditions, otherwise }) =>
        new Set([...conditions.map(({ output }) => output), otherwise]).size === conditions.length + 1,
      { path: ["conditions"], message: "every output needs a name of its own" },
    ),
  outputs: ({ conditions, otherwise }) => [...conditions.map(({ output }) => output), otherwise],
  compile: ({ conditions, otherwise }) => {
    const cases = conditions.flatMap(({ condition }, index): SqlPart[] => [
      " when (",
      user(condition),
      `) then ${index}`,
    ]);
    const pick = (index: number) =>
      toSql("select * from input where (case", ...cases, ` else ${conditions.length} end) = ${index}`);
    const outputs = [...conditions.map(({ output }) => output), otherwise];
    return { kind: "sql", outputs: Object.fromEntries(outputs.map((output, index) => [output, pick(index)])) };
  },
});
