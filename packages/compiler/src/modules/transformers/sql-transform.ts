import { z } from "zod";
import { toSql, user } from "../../sql/to-sql.ts";
import { defineModule } from "../module-definition.ts";

export const sqlTransform = defineModule({
  name: "sql-transform",
  displayName: "SQL",
  description: "A query of DuckDB over the inputs, each a table by its name; the only one is called `input`.",
  type: "transformer",
  category: "code",
  icon: "database-zap",
  inputs: { named: true, least: 1, single: "input" },
  config: z.strictObject({
    query: z
      .string()
      .min(1)
      .max(100_000)
      .meta({
        title: "Query",
        format: "sql",
        examples: ["select country, sum(amount) as amount from input group by all"],
      }),
  }),
  compile: ({ query }) => ({ kind: "sql", outputs: { out: toSql(user(query.trim().replace(/;\s*$/, ""))) } }),
});
