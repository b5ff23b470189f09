import { z } from "zod";
import { quoteName } from "../../sql/quote.ts";
import { toSql } from "../../sql/to-sql.ts";
import { column } from "../config-fields.ts";
import { defineModule } from "../module-definition.ts";

export const union = defineModule({
  name: "union",
  displayName: "Append inputs",
  description:
    "Puts the rows of several inputs one after the other, in the order of the inputs' names. Behind a branch it brings the ways together: those not taken add nothing.",
  type: "transformer",
  category: "combine",
  icon: "layers",
  inputs: { named: true, least: 2, single: "input" },
  joinsWays: true,
  config: z.strictObject({
    match: z
      .enum(["name", "position"])
      .default("name")
      .meta({ title: "Columns match by" })
      .describe("By name, a column that an input lacks is missing in its rows."),
    distinct: z.boolean().default(false).meta({ title: "Drop repeated rows" }),
    source_column: column("Column for the input's name").optional(),
  }),
  compile: ({ match, distinct, source_column: source }, { inputs }) => {
    const operator = ` union ${distinct ? "" : "all "}${match === "name" ? "by name " : ""}`;
    const selects = inputs.toSorted().map((name) => {
      const origin = source === undefined ? "" : `, '${name}' as ${quoteName(source)}`;
      return `select *${origin} from ${quoteName(name)}`;
    });
    return { kind: "sql", outputs: { out: toSql(selects.join(operator)) } };
  },
});
