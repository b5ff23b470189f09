import { z } from "zod";
import type { EachColumn } from "@airfleet/model";
import { toSql } from "../../sql/to-sql.ts";
import { columns } from "../config-fields.ts";
import { defineModule } from "../module-definition.ts";

export const removeNulls = defineModule({
  name: "remove-nulls",
  displayName: "Remove rows with missing values",
  description: "Drops rows in which a value is missing in any, or in all, of some columns.",
  type: "transformer",
  category: "rows",
  icon: "circle-off",
  inputs: [{ name: "input", required: true }],
  config: z.strictObject({
    columns: columns().default([]).describe("All columns when empty."),
    how: z.enum(["any", "all"]).default("any").meta({ title: "When a value is missing in" }),
  }),
  compile: ({ columns: names, how }) => {
    const kept: EachColumn = {
      input: "input",
      ...(names.length > 0 ? { only: names } : {}),
      each: [{ column: "name" }, " is not null"],
      join: how === "any" ? " and " : " or ",
      none: "true",
    };
    return { kind: "sql", outputs: { out: toSql("select * from input where ", kept) } };
  },
});
