import { NODE_TYPES, NodeRetry } from "@airfleet/model";
import { z } from "zod";

/** Becomes the name of a folder. */
const Id = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,249}$/);
const Name = z.string().min(1).max(200);
const Options = z.record(z.string(), z.json());

const EachColumn = z.looseObject({ input: z.string(), each: z.array(z.json()), join: z.string(), none: z.string() });
const SqlText = z.object({ parts: z.array(z.union([z.string(), EachColumn])), params: z.array(z.string()) });
const CONNECTORS = ["csv", "json", "parquet", "excel", "postgres", "mysql", "rest", "s3"] as const;
const place = { connector: z.enum(CONNECTORS), options: Options, connection: z.string().nullable() };

const StepBody = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("read"), ...place }),
  z.object({
    kind: z.literal("sql"),
    outputs: z.record(z.string(), SqlText),
    checks: z.array(z.object({ rows: SqlText, message: z.string() })).optional(),
  }),
  z.object({
    kind: z.literal("python"),
    code: z.string(),
    function: z.string(),
    timeoutSeconds: z.number().positive(),
  }),
  z.object({
    kind: z.literal("write"),
    ...place,
    mode: z.enum(["append", "replace", "upsert"]),
    keys: z.array(z.string()),
  }),
  z.object({
    kind: z.literal("branch"),
    cases: z.array(z.object({ output: z.string(), when: SqlText })),
    otherwise: z.string().nullable(),
  }),
  z.object({ kind: z.literal("command"), argv: z.array(z.json()).min(1), env: Options }),
]);

const Step = z.looseObject({
  id: Id,
  node: z.string(),
  label: z.string(),
  module: z.string(),
  type: z.enum(NODE_TYPES),
  inputs: z.array(z.object({ name: Name, step: Id, output: z.string() })),
  outputs: z.array(Name),
  retry: NodeRetry.nullable(),
  timeoutSeconds: z.number().positive().nullable(),
  pool: Name.nullable(),
  queue: Name.nullable(),
  body: StepBody,
});

/** A plan as it comes over the wire or from the file: what the compiler writes, checked once more. */
export const PlanShape = z.looseObject({
  format: z.literal(1),
  pipeline: z.string(),
  name: z.string(),
  dagId: z.string().min(1).max(250),
  duckdb: z.string(),
  tags: z.array(z.string()),
  params: Options,
  schedule: z
    .object({
      cron: z.string(),
      timeZone: z.string(),
      startDate: z.iso.datetime({ offset: true }),
      endDate: z.iso.datetime({ offset: true }).nullable(),
      catchup: z.boolean(),
    })
    .nullable(),
  maxActiveRuns: z.int().min(1).max(1_000),
  steps: z.array(Step).max(2_000),
});
