import { z } from "zod";
import { quoteName, quoteNames } from "../../sql/quote.ts";
import { toSql } from "../../sql/to-sql.ts";
import { columns } from "../config-fields.ts";
import { defineModule } from "../module-definition.ts";

export const renameColumns = defineModule({
  name: "rename-columns",
  displayName: "Rename and drop columns",
  description: "Gives columns other names, and leaves some out.",
  type: "transformer",
  category: "columns",
  icon: "text-cursor-input",
  inputs: [{ name: "input", required: true }],
  config: z.strictObject({
    columns: z
      .record(z.string().min(1).max(500), z.string().min(1).max(500))
      .default({})
      .meta({ title: "New names", examples: [{ cust_id: "customer_id" }] }),
    drop: columns("Leave out").default([]),
  }),
  compile: ({ columns: renamed, drop }) => {
    const pairs = Object.entries(renamed).map(([from, to]) => `${quoteName(from)} as ${quoteName(to)}`);
    const exclude = drop.length === 0 ? "" : ` exclude (${quoteNames(drop)})`;
    const rename = pairs.length === 0 ? "" : ` rename (${pairs.join(", ")})`;
    return { kind: "sql", outputs: { out: toSql(`select *${exclude}${rename} from input`) } };
  },
});
