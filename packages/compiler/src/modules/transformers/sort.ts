import { z } from "zod";
import { quoteName } from "../../sql/quote.ts";
import { toSql, user } from "../../sql/to-sql.ts";
import { column } from "../config-fields.ts";
import { defineModule } from "../module-definition.ts";

export const sort = defineModule({
  name: "sort",
  displayName: "Sort rows",
  description: "Puts rows in an order.",
  type: "transformer",
  category: "rows",
  icon: "arrow-down-az",
  inputs: [{ name: "input", required: true }],
  config: z.strictObject({
    by: z
      .array(
        z.strictObject({
          column: column(),
          direction: z.enum(["asc", "desc"]).default("asc").meta({ title: "Direction" }),
          nulls: z.enum(["first", "last"]).default("last").meta({ title: "Missing values" }),
        }),
      )
      .min(1)
      .max(100)
      .meta({ title: "By" }),
    limit: z.int().positive().optional().meta({ title: "Keep only so many" }),
  }),
  compile: ({ by, limit }) => {
    const order = by.map(({ column: name, direction, nulls }) => `${quoteName(name)} ${direction} nulls ${nulls}`);
    const end = limit === undefined ? [] : [" limit ", user(limit)];
    return { kind: "sql", outputs: { out: toSql(`select * from input order by ${order.join(", ")}`, ...end) } };
  },
});
