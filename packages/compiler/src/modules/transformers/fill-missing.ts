import { z } from "zod";
import { bindReferences } from "../../params/bind-references.ts";
import type { ColumnPart, EachColumn } from "@airfleet/model";
import { quoteText } from "../../sql/quote.ts";
import { columns } from "../config-fields.ts";
import { defineModule } from "../module-definition.ts";

const STRATEGIES = ["value", "zero", "mean", "median", "mode", "forward", "backward"] as const;
type Strategy = (typeof STRATEGIES)[number];
type Value = string | number | boolean;

/** Types that a number may take the place of. */
const NUMBERS = [
  "TINYINT",
  "SMALLINT",
  "INTEGER",
  "BIGINT",
  "HUGEINT",
  "UTINYINT",
  "USMALLINT",
  "UINTEGER",
  "UBIGINT",
  "FLOAT",
  "DOUBLE",
  "DECIMAL",
];

/** The columns that are filled: those named, else those whose type the filling fits. */
const chosen = (names: readonly string[], strategy: Strategy, value: Value): Pick<EachColumn, "only" | "types"> => {
  if (names.length > 0) return { only: names };
  switch (strategy) {
    case "zero":
    case "mean":
    case "median":
      return { types: NUMBERS };
    case "mode":
    case "forward":
    case "backward":
      return {};
    case "value":
      if (typeof value === "number") return { types: NUMBERS };
      return { types: [typeof value === "boolean" ? "BOOLEAN" : "VARCHAR"] };
    default:
      return strategy satisfies never;
  }
};

const COLUMN: ColumnPart = { column: "name" };
const near = (which: string, rows: string): readonly (string | ColumnPart)[] => [
  `${which}(`,
  COLUMN,
  ` ignore nulls) over (order by _airfleet_n rows between ${rows})`,
];

/** What stands in the place of a missing value. */
const filling = (strategy: Strategy, literal: string): readonly (string | ColumnPart)[] => {
  switch (strategy) {
    case "value":
      return [literal];
    case "zero":
      return ["0"];
    case "mean":
      return ["avg(", COLUMN, ") over ()"];
    case "median":
    case "mode":
      return [`${strategy}(`, COLUMN, ") over ()"];
    case "forward":
      return near("last_value", "unbounded preceding and current row");
    case "backward":
      return near("first_value", "current row and unbounded following");
    default:
      return strategy satisfies never;
  }
};

export const fillMissing = defineModule({
  name: "fill-missing",
  displayName: "Fill missing values",
  description:
    "Puts a value where there is none: a fixed one, a statistic of the column, or that of the row before or after.",
  type: "transformer",
  category: "values",
  icon: "paint-bucket",
  inputs: [{ name: "input", required: true }],
  config: z
    .strictObject({
      columns: columns().default([]).describe("All that the way fits when empty."),
      strategy: z.enum(STRATEGIES).default("value").meta({ title: "Fill with" }),
      value: z
        .union([z.string().max(10_000), z.number(), z.boolean()])
        .optional()
        .meta({ title: "Value" }),
    })
    .refine(({ strategy, value }) => strategy !== "value" || value !== undefined, {
      path: ["value"],
      message: "is needed when missing values are filled with a value",
    }),
  compile: ({ columns: names, strategy, value = "" }) => {
    const { text, params } = bindReferences(typeof value === "string" ? quoteText(value) : String(value));
    const filled: EachColumn = {
      input: "input",
      ...chosen(names, strategy, value),
      each: ["coalesce(", COLUMN, ", ", ...filling(strategy, text), ") as ", COLUMN],
      join: ", ",
      around: ["replace (", ")"],
      none: "",
    };
    const source = " from (select *, row_number() over () as _airfleet_n from input) order by _airfleet_n";
    return {
      kind: "sql",
      outputs: { out: { parts: ["select * exclude (_airfleet_n) ", filled, source], params } },
    };
  },
});
