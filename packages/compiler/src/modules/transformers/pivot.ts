import { z } from "zod";
import { quoteName, quoteNames, quoteText } from "../../sql/quote.ts";
import { toSql } from "../../sql/to-sql.ts";
import { column, columns } from "../config-fields.ts";
import { defineModule } from "../module-definition.ts";
import { AGGREGATE_FUNCTIONS, toAggregate } from "./aggregate.ts";

export const pivot = defineModule({
  name: "pivot",
  displayName: "Turn rows into columns",
  description: "Makes a column of each value of a column.",
  type: "transformer",
  category: "shape",
  icon: "table-2",
  inputs: [{ name: "input", required: true }],
  config: z.strictObject({
    index: columns("Rows").default([]).describe("Columns that stay; one row for each of their values."),
    column: column("Columns from"),
    value: column("Values from"),
    function: z.enum(AGGREGATE_FUNCTIONS).default("sum").meta({ title: "Of several values" }),
    values: z
      .array(z.union([z.string().max(500), z.number(), z.boolean()]))
      .max(500)
      .default([])
      .meta({ title: "Only these columns" })
      .describe("Name them, and the result has the same columns whatever the data."),
  }),
  compile: ({ index, column: on, value, function: name, values }) => {
    const list = values.map((each) => (typeof each === "string" ? quoteText(each) : String(each))).join(", ");
    const among = values.length === 0 ? "" : ` in (${list})`;
    const groups = index.length === 0 ? "" : ` group by ${quoteNames(index)} order by ${quoteNames(index)}`;
    const text = `pivot input on ${quoteName(on)}${among} using ${toAggregate(name, value)}${groups}`;
    return { kind: "sql", outputs: { out: toSql(text) } };
  },
});
