import { z } from "zod";
import { quoteName, quoteText } from "../../sql/quote.ts";
import { type SqlPart, toSql, user } from "../../sql/to-sql.ts";
import { column, sqlExpression } from "../config-fields.ts";
import { defineModule } from "../module-definition.ts";

const Bound = z.union([z.number(), z.string().max(200)]).meta({ title: "Bound" });

const Rule = z.discriminatedUnion("check", [
  z.strictObject({ check: z.literal("not_null"), column: column() }),
  z.strictObject({ check: z.literal("unique"), column: column() }),
  z.strictObject({ check: z.literal("minimum"), column: column(), value: Bound }),
  z.strictObject({ check: z.literal("maximum"), column: column(), value: Bound }),
  z.strictObject({ check: z.literal("matches"), column: column(), pattern: z.string().min(1).max(2_000) }),
  z.strictObject({
    check: z.literal("one_of"),
    column: column(),
    values: z
      .array(z.union([z.string().max(2_000), z.number(), z.boolean()]))
      .min(1)
      .max(1_000),
  }),
  z.strictObject({ check: z.literal("expression"), expression: sqlExpression("Condition", "ends_at >= starts_at") }),
]);
type Rule = z.infer<typeof Rule>;

const written = (value: string | number | boolean): SqlPart =>
  user(typeof value === "string" ? quoteText(value) : value);

/** A condition that holds for rows that keep the rule. As in SQL's own checks, a missing value breaks `not_null` only. */
const toCondition = (rule: Rule): readonly SqlPart[] => {
  if (rule.check === "expression") return ["coalesce((", user(rule.expression), "), true)"];
  const name = quoteName(rule.column);
  switch (rule.check) {
    case "not_null":
      return [`${name} is not null`];
    case "unique":
      return [`(${name} is null or count(*) over (partition by ${name}) = 1)`];
    case "minimum":
      return [`coalesce(${name} >= `, written(rule.value), ", true)"];
    case "maximum":
      return [`coalesce(${name} <= `, written(rule.value), ", true)"];
    case "matches":
      return [`coalesce(regexp_matches(cast(${name} as varchar), `, user(quoteText(rule.pattern)), "), true)"];
    case "one_of":
      return [
        `coalesce(${name} in (`,
        ...rule.values.flatMap((value, index): SqlPart[] => [index === 0 ? "" : ", ", written(value)]),
        "), true)",
      ];
    default:
      return rule satisfies never;
  }
};

const nameOf = (rule: Rule, index: number): string =>
  rule.check === "expression" ? `rule ${index + 1}` : `${rule.column} ${rule.check}`;

export const validate = defineModule({
  name: "validate",
  displayName: "Check rows",
  description:
    "Checks every row by rules. Rows that break one go to the output `rejects` with the rules they broke, or fail the run.",
  type: "transformer",
  category: "quality",
  icon: "shield-check",
  inputs: [{ name: "input", required: true }],
  config: z.strictObject({
    rules: z.array(Rule).min(1).max(200).meta({ title: "Rules" }),
    on_failure: z.enum(["reject", "fail"]).default("reject").meta({ title: "Rows that break a rule" }),
  }),
  outputs: ({ on_failure: onFailure }) => (onFailure === "fail" ? ["out"] : ["out", "rejects"]),
  compile: ({ rules, on_failure: onFailure }) => {
    const broken: SqlPart[] = rules.flatMap((rule, index): SqlPart[] => [
      index === 0 ? "" : ", ",
      "case when ",
      ...toCondition(rule),
      ` then null else ${quoteText(nameOf(rule, index))} end`,
    ]);
    const judged: readonly SqlPart[] = [
      "(select *, list_filter([",
      ...broken,
      "], lambda x: x is not null) as _airfleet_broken from input)",
    ];
    const good = toSql("select * exclude (_airfleet_broken) from ", ...judged, " where len(_airfleet_broken) = 0");
    const bad = toSql(
      "select * exclude (_airfleet_broken), array_to_string(_airfleet_broken, '; ') as broken_rules from ",
      ...judged,
      " where len(_airfleet_broken) > 0",
    );
    return onFailure === "reject"
      ? { kind: "sql", outputs: { out: good, rejects: bad } }
      : {
          kind: "sql",
          outputs: { out: good },
          checks: [{ rows: bad, message: "{rows} rows break the rules; the first: {first}" }],
        };
  },
});
