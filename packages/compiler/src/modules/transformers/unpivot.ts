import { z } from "zod";
import { quoteName, quoteNames } from "../../sql/quote.ts";
import { toSql } from "../../sql/to-sql.ts";
import { column, columns } from "../config-fields.ts";
import { defineModule } from "../module-definition.ts";

export const unpivot = defineModule({
  name: "unpivot",
  displayName: "Turn columns into rows",
  description: "Makes a row of each value of some columns.",
  type: "transformer",
  category: "shape",
  icon: "rows-3",
  inputs: [{ name: "input", required: true }],
  config: z
    .strictObject({
      columns: columns("Columns to turn").default([]),
      keep: columns("Columns that stay")
        .default([])
        .describe("All others are turned when no columns to turn are named."),
      name_column: column("Column for the names").default("name"),
      value_column: column("Column for the values").default("value"),
      include_nulls: z.boolean().default(false).meta({ title: "Rows for missing values too" }),
    })
    .refine(({ columns: turned, keep }) => turned.length + keep.length > 0, {
      path: ["columns"],
      message: "name columns to turn, or columns that stay",
    }),
  compile: ({ columns: turned, keep, name_column: name, value_column: value, include_nulls: nulls }) => {
    const on = turned.length > 0 ? quoteNames(turned) : `columns(* exclude (${quoteNames(keep)}))`;
    const into = `${quoteName(value)} for ${quoteName(name)} in (${on})`;
    const text = `select * from input unpivot ${nulls ? "include nulls " : ""}(${into})`;
    return { kind: "sql", outputs: { out: toSql(text) } };
  },
});
