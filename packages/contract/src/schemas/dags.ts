import { RUN_STATES } from "@airfleet/model";
import { z } from "zod";
import { Confirm, InstantSchema, JsonObject, PageQuery, QueryBoolean, QueryList, SelectorText } from "./primitives.ts";

export const NextRunView = z.object({
  logical_date: InstantSchema.nullable(),
  data_interval_start: InstantSchema.nullable(),
  data_interval_end: InstantSchema.nullable(),
  run_after: InstantSchema.nullable(),
});

/** The newest run of a DAG on an instance, as far as we have seen. */
export const LastRunView = z.object({
  dag_run_id: z.string(),
  state: z.enum(RUN_STATES),
  logical_date: InstantSchema.nullable(),
  started_at: InstantSchema.nullable(),
  ended_at: InstantSchema.nullable(),
});

/** A DAG on one instance. */
export const DagCell = z
  .object({
    instance: z.string(),
    display_name: z.string(),
    description: z.string().nullable(),
    is_paused: z.boolean(),
    /** The engine no longer sees the file, or it is broken. */
    is_stale: z.boolean(),
    has_import_errors: z.boolean(),
    file: z.string().nullable(),
    owners: z.array(z.string()),
    tags: z.array(z.string()),
    schedule: z.string().nullable(),
    schedule_description: z.string().nullable(),
    next_run: NextRunView.nullable(),
    last_run: LastRunView.nullable(),
    last_parsed_at: InstantSchema.nullable(),
    /** When this was last read from the instance. */
    observed_at: InstantSchema,
    /** What is shown may no longer be so. */
    stale: z.boolean(),
  })
  .meta({ id: "DagCell" });

/** One DAG over the fleet. */
export const DagRow = z
  .object({ dag_id: z.string(), tags: z.array(z.string()), cells: z.array(DagCell) })
  .meta({ id: "DagRow" });

/** How fresh one instance's part of an answer is. */
export const Freshness = z
  .object({
    instance: z.string(),
    observed_at: InstantSchema.nullable(),
    stale: z.boolean(),
    error: z.string().nullable(),
  })
  .meta({ id: "Freshness" });

export const DagListQuery = z.strictObject({
  ...PageQuery,
  instance: QueryList.optional().meta({ description: "Only these instances, comma-separated" }),
  tag: QueryList.optional().meta({ description: "DAGs with any of these tags, comma-separated" }),
  paused: QueryBoolean.optional(),
  state: QueryList.pipe(z.array(z.enum(RUN_STATES)))
    .optional()
    .meta({ description: "State of the last run, comma-separated" }),
  text: z.string().min(1).max(200).optional().meta({ description: "Part of the id, name or description" }),
  has_import_errors: QueryBoolean.optional(),
  selector: SelectorText.optional(),
});

export const DagList = z
  .object({ items: z.array(DagRow), next_cursor: z.string().nullable(), instances: z.array(Freshness) })
  .meta({ id: "DagList" });

/** A DAG read from the instance just now, with what costs it another query. */
export const DagDetailView = DagCell.extend({
  dag_id: z.string(),
  doc_md: z.string().nullable(),
  timezone: z.string().nullable(),
  catchup: z.boolean().nullable(),
  start_date: InstantSchema.nullable(),
  end_date: InstantSchema.nullable(),
  params: JsonObject,
  version_number: z.number().int().nullable(),
  ui_url: z.string(),
}).meta({ id: "DagDetail" });

export const DagSourceView = z
  .object({ dag_id: z.string(), instance: z.string(), source: z.string() })
  .meta({ id: "DagSource" });

export const DagGraphView = z
  .object({
    dag_id: z.string(),
    instance: z.string(),
    nodes: z.array(
      z.object({
        task_id: z.string(),
        display_name: z.string(),
        operator: z.string().nullable(),
        is_mapped: z.boolean(),
        trigger_rule: z.string().nullable(),
        retries: z.number().nullable(),
      }),
    ),
    edges: z.array(z.object({ source: z.string(), target: z.string() })),
  })
  .meta({ id: "DagGraph" });

export const DagVersionView = z
  .object({
    number: z.number().int(),
    bundle: z.string().nullable(),
    bundle_version: z.string().nullable(),
    created_at: InstantSchema.nullable(),
  })
  .meta({ id: "DagVersion" });

export const ImportErrorView = z
  .object({
    id: z.string(),
    instance: z.string(),
    file: z.string(),
    bundle: z.string().nullable(),
    stack_trace: z.string(),
    at: InstantSchema.nullable(),
  })
  .meta({ id: "ImportError" });

export const DagPatch = z.strictObject({ is_paused: z.boolean(), confirm: Confirm }).meta({ id: "DagPatch" });
