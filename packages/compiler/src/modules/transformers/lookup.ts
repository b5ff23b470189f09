import { z } from "zod";
import { quoteName } from "../../sql/quote.ts";
import { toSql } from "../../sql/to-sql.ts";
import { column, columns } from "../config-fields.ts";
import { defineModule } from "../module-definition.ts";

export const lookup = defineModule({
  name: "lookup",
  displayName: "Look up",
  description: "Adds columns of the first matching row of a second input. Rows stay as many as they were.",
  type: "transformer",
  category: "combine",
  icon: "search",
  inputs: [
    { name: "input", required: true },
    { name: "lookup", required: true },
  ],
  config: z.strictObject({
    key: column("Column of the input"),
    lookup_key: column("Column of the lookup").optional().describe("The same name when absent."),
    columns: columns("Columns to add").min(1),
    when_missing: z.enum(["null", "drop", "fail"]).default("null").meta({ title: "Rows without a match" }),
  }),
  compile: ({ key, lookup_key: lookupKey = key, columns: added, when_missing: whenMissing }) => {
    const names = added.map(quoteName);
    const first = `(select ${quoteName(lookupKey)} as _airfleet_key, ${names.join(", ")} from "lookup"
      qualify row_number() over (partition by ${quoteName(lookupKey)}) = 1)`;
    const kind = whenMissing === "drop" ? "inner" : "left";
    const list = names.map((name) => `f.${name}`).join(", ");
    const on = `i.${quoteName(key)} = f._airfleet_key`;
    const out = toSql(`select i.*, ${list} from input i ${kind} join ${first} f on ${on}`);
    if (whenMissing !== "fail") return { kind: "sql", outputs: { out } };
    const unmatched = toSql(
      `select i.* from input i where not exists (select 1 from "lookup" f where f.${quoteName(lookupKey)} = i.${quoteName(key)})`,
    );
    return {
      kind: "sql",
      outputs: { out },
      checks: [{ rows: unmatched, message: "{rows} rows have no match; the first: {first}" }],
    };
  },
});
