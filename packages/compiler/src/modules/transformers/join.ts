import { z } from "zod";
import type { ColumnPart } from "@airfleet/model";
import { quoteName } from "../../sql/quote.ts";
import { toSql } from "../../sql/to-sql.ts";
import { column } from "../config-fields.ts";
import { defineModule } from "../module-definition.ts";

const KINDS = ["inner", "left", "right", "full", "semi", "anti", "cross"] as const;

/** A column on both sides, or two that mean the same. */
const Key = z.union([column(), z.strictObject({ left: column("Left"), right: column("Right") })]);

const toSides = (key: z.infer<typeof Key>): { readonly left: string; readonly right: string } =>
  typeof key === "string" ? { left: key, right: key } : key;

export const join = defineModule({
  name: "join",
  displayName: "Join",
  description: "Puts together rows of two inputs that agree in some columns.",
  type: "transformer",
  category: "combine",
  icon: "git-merge",
  inputs: [
    { name: "left", required: true },
    { name: "right", required: true },
  ],
  config: z
    .strictObject({
      how: z.enum(KINDS).default("inner").meta({ title: "Kind of join" }),
      on: z.array(Key).max(50).default([]).meta({ title: "Columns that must agree" }),
      suffix: z
        .string()
        .regex(/^[A-Za-z0-9_]{1,30}$/)
        .default("_right")
        .meta({ title: "Behind names that both sides have" }),
    })
    .refine(({ how, on }) => (how === "cross") === (on.length === 0), {
      path: ["on"],
      message: "name the columns that must agree; a cross join has none",
    }),
  compile: ({ how, on, suffix }) => {
    const keys = on.map(toSides);
    const condition = keys.map(({ left, right }) => `l.${quoteName(left)} = r.${quoteName(right)}`).join(" and ");
    const from = `from "left" l ${how} join "right" r${how === "cross" ? "" : ` on ${condition}`}`;
    if (how === "semi" || how === "anti") return { kind: "sql", outputs: { out: toSql(`select l.* ${from}`) } };
    const shared = keys.filter(({ left, right }) => left === right).map(({ left }) => left);
    // Where only the right side has a row, the common column has its value.
    const merged = shared.map((name) => `coalesce(l.${quoteName(name)}, r.${quoteName(name)}) as ${quoteName(name)}`);
    const leftColumns =
      (how === "right" || how === "full") && merged.length > 0 ? `l.* replace (${merged.join(", ")})` : "l.*";
    const rest = { input: "right", except: shared, join: ", ", around: [", ", ""], none: "" } as const;
    const name: ColumnPart = { column: "name" };
    return {
      kind: "sql",
      outputs: {
        out: toSql(
          `select ${leftColumns}`,
          { ...rest, notIn: "left", each: ["r.", name] },
          { ...rest, alsoIn: "left", each: ["r.", name, " as ", { column: "name", suffix }] },
          ` ${from}`,
        ),
      },
    };
  },
});
