import { z } from "zod";
import type { EachColumn } from "@airfleet/model";
import { quoteName } from "../../sql/quote.ts";
import { type SqlPart, toSql, user } from "../../sql/to-sql.ts";
import { column, sqlExpression } from "../config-fields.ts";
import { defineModule } from "../module-definition.ts";

export const map = defineModule({
  name: "map",
  displayName: "Compute columns",
  description: "Adds columns computed from others, or puts new values into present ones.",
  type: "transformer",
  category: "columns",
  icon: "function-square",
  inputs: [{ name: "input", required: true }],
  config: z.strictObject({
    columns: z
      .array(z.strictObject({ name: column("Name"), expression: sqlExpression("Value", "price * quantity") }))
      .min(1)
      .max(500)
      .meta({ title: "Columns" }),
    keep_others: z.boolean().default(true).meta({ title: "Keep the other columns" }),
  }),
  compile: ({ columns: computed, keep_others: keepOthers }) => {
    const names = computed.map(({ name }) => name);
    const others: EachColumn = {
      input: "input",
      except: names,
      each: [{ column: "name" }],
      join: ", ",
      around: ["", ", "],
      none: "",
    };
    const list = computed.flatMap(({ name, expression }, index): SqlPart[] => [
      index === 0 ? "(" : ", (",
      user(expression),
      `) as ${quoteName(name)}`,
    ]);
    return {
      kind: "sql",
      outputs: { out: toSql("select ", ...(keepOthers ? [others] : []), ...list, " from input") },
    };
  },
});
