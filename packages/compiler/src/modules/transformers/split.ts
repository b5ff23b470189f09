import { z } from "zod";
import { toSql, user } from "../../sql/to-sql.ts";
import { defineModule } from "../module-definition.ts";

export const split = defineModule({
  name: "split",
  displayName: "Split by share",
  description:
    "Sends a share of the rows to `first` and the rest to `second`, always the same rows for the same input.",
  type: "transformer",
  category: "route",
  icon: "split",
  inputs: [{ name: "input", required: true }],
  config: z.strictObject({
    fraction: z.number().gt(0).lt(1).default(0.5).meta({ title: "Share of the first output" }),
    method: z
      .enum(["head", "spread"])
      .default("head")
      .meta({ title: "Which rows" })
      .describe("The beginning, or rows spread over the whole."),
    seed: z.int().min(0).default(0).meta({ title: "Seed" }),
  }),
  outputs: () => ["first", "second"],
  compile: ({ fraction, method, seed }) => {
    const numbered = "(select *, row_number() over () as _airfleet_n, count(*) over () as _airfleet_all from input)";
    const spread = ["(select *, row_number() over (order by hash(_airfleet_n + ", user(seed), "), _airfleet_n)"];
    const source = method === "head" ? [numbered] : [...spread, ` as _airfleet_place from ${numbered})`];
    const place = method === "head" ? "_airfleet_n" : "_airfleet_place";
    const hidden = ["_airfleet_n", "_airfleet_all", ...(method === "head" ? [] : ["_airfleet_place"])].join(", ");
    const half = (comparison: string) =>
      toSql(
        `select * exclude (${hidden}) from `,
        ...source,
        ` where ${place} ${comparison} round(_airfleet_all * `,
        user(fraction),
        ") order by _airfleet_n",
      );
    return { kind: "sql", outputs: { first: half("<="), second: half(">") } };
  },
});
