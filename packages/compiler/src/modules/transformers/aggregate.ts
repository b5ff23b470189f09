import { z } from "zod";
import { quoteName, quoteNames } from "../../sql/quote.ts";
import { toSql } from "../../sql/to-sql.ts";
import { column, columns } from "../config-fields.ts";
import { defineModule } from "../module-definition.ts";

const FUNCTIONS = {
  count: (name: string) => `count(${name})`,
  count_distinct: (name: string) => `count(distinct ${name})`,
  sum: (name: string) => `sum(${name})`,
  mean: (name: string) => `avg(${name})`,
  median: (name: string) => `median(${name})`,
  min: (name: string) => `min(${name})`,
  max: (name: string) => `max(${name})`,
  stddev: (name: string) => `stddev_samp(${name})`,
  first: (name: string) => `first(${name})`,
  last: (name: string) => `last(${name})`,
  list: (name: string) => `list(${name})`,
} as const;
type AggregateFunction = keyof typeof FUNCTIONS;
export const AGGREGATE_FUNCTIONS = Object.keys(FUNCTIONS) as [AggregateFunction, ...AggregateFunction[]];

/** An aggregate in DuckDB's words; `*` counts rows. */
export const toAggregate = (name: AggregateFunction, of: string): string =>
  FUNCTIONS[name](of === "*" ? "*" : quoteName(of));

const Aggregation = z
  .strictObject({
    function: z.enum(AGGREGATE_FUNCTIONS).meta({ title: "Function" }),
    column: z.string().min(1).max(500).default("*").meta({ title: "Column", format: "column" }),
    as: column("Name of the result").optional(),
  })
  .refine(({ function: name, column: of }) => of !== "*" || name === "count", {
    path: ["column"],
    message: "is needed; only count works without one",
  });

export const aggregate = defineModule({
  name: "aggregate",
  displayName: "Group and aggregate",
  description:
    "One row per group, with sums, counts and other aggregates. Without columns to group by, one row for all.",
  type: "transformer",
  category: "rows",
  icon: "sigma",
  inputs: [{ name: "input", required: true }],
  config: z.strictObject({
    group_by: columns("Group by").default([]),
    aggregations: z.array(Aggregation).min(1).max(200).meta({ title: "Aggregates" }),
  }),
  compile: ({ group_by: groups, aggregations }) => {
    const computed = aggregations.map(({ function: name, column: of, as }) => {
      const result = as ?? (of === "*" ? name : `${of}_${name}`);
      return `${toAggregate(name, of)} as ${quoteName(result)}`;
    });
    const list = [...groups.map(quoteName), ...computed].join(", ");
    // In an order, so that every engine writes the same file.
    const grouped = groups.length === 0 ? "" : ` group by ${quoteNames(groups)} order by ${quoteNames(groups)}`;
    return { kind: "sql", outputs: { out: toSql(`select ${list} from input${grouped}`) } };
  },
});
