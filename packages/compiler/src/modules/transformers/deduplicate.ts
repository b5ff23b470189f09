import { z } from "zod";
import { quoteNames } from "../../sql/quote.ts";
import { toSql, user } from "../../sql/to-sql.ts";
import { columns, sqlExpression } from "../config-fields.ts";
import { defineModule } from "../module-definition.ts";

export const deduplicate = defineModule({
  name: "deduplicate",
  displayName: "Remove duplicates",
  description: "Keeps one of the rows that agree in some columns, or in all.",
  type: "transformer",
  category: "rows",
  icon: "copy-minus",
  inputs: [{ name: "input", required: true }],
  config: z.strictObject({
    columns: columns("Columns that must agree").default([]).describe("All columns when empty."),
    keep: z.enum(["first", "last"]).default("first").meta({ title: "Keep" }),
    order_by: sqlExpression("In the order of", "updated_at desc")
      .optional()
      .describe("The order of the input when absent."),
  }),
  compile: ({ columns: keys, keep, order_by: orderBy }) => {
    if (keys.length === 0) return { kind: "sql", outputs: { out: toSql("select distinct * from input") } };
    const order = orderBy === undefined ? [] : ["order by ", user(orderBy)];
    const direction = keep === "last" ? " desc" : "";
    const chosen = `row_number() over (partition by ${quoteNames(keys)} order by _airfleet_n${direction}) = 1`;
    return {
      kind: "sql",
      outputs: {
        out: toSql(
          "select * exclude (_airfleet_n) from (select *, row_number() over (",
          ...order,
          `) as _airfleet_n from input) qualify ${chosen} order by _airfleet_n`,
        ),
      },
    };
  },
});
