import { readdirSync, readFileSync } from "node:fs";
import { type CompiledPlan, compilePlan, createModuleCatalogue } from "@airfleet/compiler";
import { z } from "zod";

const Text = z.union([z.string(), z.object({ base64: z.string() })]);

/** A pipeline as it is drawn, what it finds, and what must come of it on every engine. */
const PlanCase = z.strictObject({
  title: z.string(),
  nodes: z.array(
    z.strictObject({
      id: z.string(),
      type: z.string(),
      data: z.strictObject({ moduleId: z.string(), config: z.record(z.string(), z.json()) }),
    }),
  ),
  edges: z.array(
    z.strictObject({
      source: z.string(),
      target: z.string(),
      sourceHandle: z.string().optional(),
      targetHandle: z.string().optional(),
    }),
  ),
  /** Below the data root, by path. */
  files: z.record(z.string(), Text).default({}),
  /** Statements run before it, by database. */
  before: z.strictObject({ postgres: z.array(z.string()) }).optional(),
  /** Answers of the HTTP server by path and query. */
  answers: z.record(z.string(), z.json()).default({}),
  defaults: z.record(z.string(), z.json()).default({}),
  params: z.record(z.string(), z.json()).default({}),
  /** Of outputs, as `step.output`: columns with DuckDB's types, and rows as DuckDB's JSON has them. */
  tables: z
    .record(
      z.string(),
      z.strictObject({
        columns: z.array(z.tuple([z.string(), z.string()])),
        rows: z.array(z.array(z.json())),
      }),
    )
    .default({}),
  /** Files below the data root, to the byte. */
  written: z.record(z.string(), z.string()).default({}),
  /** Queries of a database and their rows, as texts. */
  stored: z
    .array(
      z.strictObject({
        database: z.literal("postgres"),
        query: z.string(),
        rows: z.array(z.array(z.string().nullable())),
      }),
    )
    .default([]),
  /** Steps that must not have been carried out. */
  skipped: z.array(z.string()).default([]),
  /** The step that must fail, with what code, and what it says (an expression). */
  error: z.strictObject({ step: z.string(), code: z.string(), says: z.string() }).optional(),
});
export type PlanCase = z.infer<typeof PlanCase>;

const FOLDER = new URL(".", import.meta.url);

/** All cases, by the file that they stand in. */
export const readPlanCases = (): ReadonlyMap<string, readonly PlanCase[]> =>
  new Map(
    readdirSync(FOLDER)
      .filter((name) => name.endsWith(".json"))
      .toSorted()
      .map((name) => [
        name.replace(".json", ""),
        z.array(PlanCase).parse(JSON.parse(readFileSync(new URL(name, FOLDER), "utf8"))),
      ]),
  );

const catalogue = createModuleCatalogue();

/** The plan of a case. A case that cannot be compiled is a mistake in the case. */
export const compileCase = (
  { title, nodes, edges, defaults }: PlanCase,
  id: string,
): NonNullable<CompiledPlan["plan"]> => {
  const source = { id, name: title, config: { nodes, edges }, defaultParams: defaults };
  const { plan, findings } = compilePlan(source, { catalogue });
  if (plan === null) throw new Error(`${title}: ${JSON.stringify(findings)}`);
  return plan;
};
