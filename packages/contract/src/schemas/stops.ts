import { GONE_BY, PROCESS_GONE, RUN_STATES, TASK_STATES } from "@airfleet/model";
import { z } from "zod";
import { ActionView } from "./actions.ts";
import { InstantSchema } from "./primitives.ts";

/** How far a stop has come. */
export const STOP_STAGES = ["sending", "settling", "waiting", "deleting", "ended"] as const;

/** A process of a stopped run, and what shows that it is gone. */
export const StoppedProcessView = z
  .object({
    task_id: z.string(),
    map_index: z.number().int(),
    try_number: z.number().int(),
    state_before: z.enum(TASK_STATES),
    hostname: z.string().nullable(),
    pid: z.number().int().nullable(),
    process_gone: z.enum(PROCESS_GONE),
    by: z.enum(GONE_BY).nullable(),
    gone_at: InstantSchema.nullable(),
    silent_seconds: z.number().int().nullable(),
    last_sign_at: InstantSchema.nullable(),
    detail: z.string().nullable(),
  })
  .meta({ id: "StoppedProcess" });

/** The newest stop of a run. */
export const RunStopView = z
  .object({
    action: z.string(),
    stage: z.enum(STOP_STAGES),
    stopped_at: InstantSchema.nullable(),
    waits_until: InstantSchema.nullable(),
    deleted_at: InstantSchema.nullable(),
    process_counts: z.object({
      alive: z.number().int(),
      confirmed: z.number().int(),
      presumed: z.number().int(),
    }),
    processes: z.array(StoppedProcessView),
  })
  .meta({ id: "RunStopProgress" });

/** What came of stopping many runs, each for itself. */
export const RunStopsView = z
  .object({
    dry_run: z.boolean(),
    /** Of the list of runs as it was found; to be given back where production is confirmed. */
    list_hash: z.string(),
    /** In the order of the request, else newest due first. */
    items: z.array(
      z.object({
        run: z.string(),
        instance: z.string().nullable(),
        dag_id: z.string().nullable(),
        dag_run_id: z.string().nullable(),
        /** As remembered when the request came. */
        state: z.enum(RUN_STATES).nullable(),
        /** Null in a dry run, and where nothing was recorded. */
        action: ActionView.nullable(),
        /** Why nothing was recorded of this run. */
        error: z.object({ code: z.string(), message: z.string() }).nullable(),
      }),
    ),
  })
  .meta({ id: "RunStopsResult" });
