import { z } from "zod";
import { toSql, user } from "../../sql/to-sql.ts";
import { sqlExpression } from "../config-fields.ts";
import { defineModule } from "../module-definition.ts";

const OutputName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,49}$/, "lower-case letters, digits and _, beginning with a letter")
  .meta({ title: "Way" });

export const branch = defineModule({
  name: "branch",
  displayName: "Branch",
  description:
    "Lets the run go on along the first way whose condition holds for the input as a whole; the others are skipped.",
  type: "control",
  category: "control",
  icon: "git-branch",
  inputs: [{ name: "input", required: true }],
  config: z
    .strictObject({
      ways: z
        .array(z.strictObject({ output: OutputName, condition: sqlExpression("Condition", "count(*) > 0") }))
        .min(1)
        .max(20)
        .meta({ title: "Ways" }),
      otherwise: OutputName.default("otherwise"),
    })
    .refine(
      ({ ways, otherwise }) => new Set([...ways.map(({ output }) => output), otherwise]).size === ways.length + 1,
      {
        path: ["ways"],
        message: "every way needs a name of its own",
      },
    ),
  outputs: ({ ways, otherwise }) => [...ways.map(({ output }) => output), otherwise],
  compile: ({ ways, otherwise }) => ({
    kind: "branch",
    cases: ways.map(({ output, condition }) => ({
      output,
      when: toSql("select coalesce((", user(condition), "), false) from input"),
    })),
    otherwise,
  }),
});
