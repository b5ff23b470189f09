import { z } from "zod";
import { toSql, user } from "../../sql/to-sql.ts";
import { sqlExpression } from "../config-fields.ts";
import { defineModule } from "../module-definition.ts";

export const filter = defineModule({
  name: "filter",
  displayName: "Filter rows",
  description: "Keeps the rows for which a condition holds.",
  type: "transformer",
  category: "rows",
  icon: "funnel",
  inputs: [{ name: "input", required: true }],
  config: z.strictObject({
    condition: sqlExpression("Condition", "amount > {{ params.minimum }} and status = 'paid'"),
  }),
  compile: ({ condition }) => ({
    kind: "sql",
    outputs: { out: toSql("select * from input where (", user(condition), ")") },
  }),
});
