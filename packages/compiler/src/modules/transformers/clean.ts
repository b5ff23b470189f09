import { z } from "zod";
import type { ColumnPart, EachColumn } from "@airfleet/model";
import { toSql } from "../../sql/to-sql.ts";
import { columns } from "../config-fields.ts";
import { defineModule } from "../module-definition.ts";

const Clean = z.strictObject({
  columns: columns().default([]).describe("All columns of text when empty."),
  trim_whitespace: z.boolean().default(true).meta({ title: "Remove spaces at both ends" }),
  collapse_whitespace: z.boolean().default(false).meta({ title: "Make several spaces one" }),
  empty_to_null: z.boolean().default(false).meta({ title: "Take empty texts as missing" }),
  case: z.enum(["keep", "lower", "upper"]).default("keep").meta({ title: "Letters" }),
  strip_accents: z.boolean().default(false).meta({ title: "Remove accents" }),
  remove_nulls: z.boolean().default(false).meta({ title: "Drop rows with a missing value" }),
  lowercase_columns: z.boolean().default(false).meta({ title: "Write column names in lower case" }),
});
type Clean = z.infer<typeof Clean>;

const COLUMN: ColumnPart = { column: "name" };

/** The calls around a column, innermost first: what opens each and what closes it. */
const callsOf = (config: Clean): readonly (readonly [string, string])[] => [
  ...(config.collapse_whitespace ? [["regexp_replace(", ", '\\s+', ' ', 'g')"] as const] : []),
  ...(config.trim_whitespace ? [["regexp_replace(", ", '^\\s+|\\s+$', '', 'g')"] as const] : []),
  ...(config.case === "keep" ? [] : [[`${config.case}(`, ")"] as const]),
  ...(config.strip_accents ? [["strip_accents(", ")"] as const] : []),
  ...(config.empty_to_null ? [["nullif(", ", '')"] as const] : []),
];

export const clean = defineModule({
  name: "clean",
  displayName: "Clean texts",
  description: "Trims and unifies texts, and the names of columns.",
  type: "transformer",
  category: "values",
  icon: "eraser",
  tags: ["clean-text"],
  inputs: [{ name: "input", required: true }],
  config: Clean,
  compile: (config) => {
    const calls = callsOf(config);
    const opening = calls.toReversed().map(([open]) => open);
    const closing = calls.map(([, close]) => close);
    const cleaned: EachColumn = {
      input: "input",
      ...(config.columns.length > 0 ? { only: config.columns } : { types: ["VARCHAR"] }),
      each: [opening.join(""), COLUMN, `${closing.join("")} as `, COLUMN],
      join: ", ",
      around: ["replace (", ")"],
      none: "",
    };
    const all = { input: "input", none: "" };
    const named: EachColumn = { ...all, each: [COLUMN, " as ", { column: "lower_name" }], join: ", " };
    const whole: EachColumn = { ...all, each: [COLUMN, " is not null"], join: " and ", around: [" where ", ""] };
    return {
      kind: "sql",
      outputs: {
        out: toSql(
          "select ",
          config.lowercase_columns ? named : "*",
          " from (select * ",
          cleaned,
          " from input)",
          ...(config.remove_nulls ? [whole] : []),
        ),
      },
    };
  },
});
