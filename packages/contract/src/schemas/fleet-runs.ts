import { OBSERVATION_SOURCES, RUN_STATES, RUN_TYPES, toRunKey } from "@airfleet/model";
import { z } from "zod";
import { InstantSchema, page, PageQuery, QueryBoolean, QueryList, SelectorText, TaskIdSchema } from "./primitives.ts";
import { ReportedView } from "./reported.ts";
import { RunView, TaskInstanceView } from "./runs.ts";
import { StateWord, StateWordsQuery } from "./state-words.ts";

/** A run of the fleet as remembered: the run itself, and what we know about it. */
export const FleetRunView = RunView.extend({
  /** The same on every server, and after a store was lost. */
  id: z.string(),
  state_word: StateWord,
  /** Null while the run was only heard of. */
  engine_state: z.string().nullable(),
  run_type: z.enum(RUN_TYPES).nullable(),
  /** A success with exit code 1: some of the work was done. */
  partial: z.boolean(),
  trigger_id: z.string().nullable(),
  /** Who told us of it first. */
  discovered_by: z.enum(OBSERVATION_SOURCES),
  /** The run's page in its engine's own UI; null when the instance has left its file and its address is gone. */
  ui_url: z.string().nullable(),
  /** When the engine was found to have it no more. */
  engine_gone_at: InstantSchema.nullable(),
  /** Orders the list: when it was due. */
  due_at: InstantSchema,
  /** The first of them, by type and id. */
  subjects: z.array(
    z.object({ type: z.string(), id: z.string(), label: z.string().nullable(), url: z.string().nullable() }),
  ),
  subjects_total: z.number().int(),
  first_seen_at: InstantSchema,
  changed_at: InstantSchema,
  /** What was reported of its present attempt besides its state; a list leaves out results, statistics and logs. */
  reported: ReportedView.nullable(),
  /** The instance has not been read for longer than promised: the run may have moved on. */
  stale: z.boolean(),
}).meta({ id: "FleetRun" });

/** `key:value`; the value may hold colons. */
const ConfQuery = z
  .string()
  .min(3)
  .max(1_000)
  .regex(/^[^:]+:[^]+$/, "Write key:value")
  .meta({
    description: "A top-level key of the conf and the text of its value, `key:value`; more than one: `selector`",
  });

const Part = z.string().min(1).max(250);
const Seconds = z.coerce.number().min(0).max(1e9);

const fleetRunQuery = z.strictObject({
  ...PageQuery,
  ...StateWordsQuery.shape,
  instance: QueryList.optional().meta({ description: "Only these instances, comma-separated" }),
  dag_id: QueryList.optional().meta({ description: "Only these DAGs, comma-separated" }),
  state: QueryList.pipe(z.array(z.enum(RUN_STATES))).optional(),
  run_type: QueryList.pipe(z.array(z.enum(RUN_TYPES))).optional(),
  subject_type: Part.optional().meta({ description: "With subject_id: runs about this object" }),
  subject_id: z.string().min(1).max(2_000).optional(),
  conf: ConfQuery.optional(),
  note: Part.optional().meta({ description: "Part of the note" }),
  run_id: Part.optional().meta({ description: "Part of the engine's run id" }),
  trigger_id: Part.optional(),
  due_from: InstantSchema.optional(),
  due_to: InstantSchema.optional().meta({ description: "Not included, like every `_to`" }),
  started_from: InstantSchema.optional(),
  started_to: InstantSchema.optional(),
  ended_from: InstantSchema.optional(),
  ended_to: InstantSchema.optional(),
  min_duration: Seconds.optional().meta({ description: "Seconds" }),
  max_duration: Seconds.optional().meta({ description: "Seconds, not included" }),
  failed_without_later_success: QueryBoolean.optional().meta({
    description: "true: failed, and the DAG has no success on that instance that was due later",
  }),
  selector: SelectorText.optional(),
});

export const FleetRunListQuery = fleetRunQuery.superRefine((query, context) => {
  const refuse = (path: string, message: string): void => context.addIssue({ code: "custom", path: [path], message });
  if ((query.subject_type === undefined) !== (query.subject_id === undefined)) {
    refuse(query.subject_type === undefined ? "subject_type" : "subject_id", "subject_type and subject_id go together");
  }
  for (const time of ["due", "started", "ended"] as const) {
    const [from, to] = [query[`${time}_from`], query[`${time}_to`]];
    if (from !== undefined && to !== undefined && Date.parse(from) >= Date.parse(to)) {
      refuse(`${time}_to`, `must be after ${time}_from`);
    }
  }
  const { min_duration: shortest, max_duration: longest } = query;
  if (shortest !== undefined && longest !== undefined && shortest >= longest) {
    refuse("max_duration", "must be more than min_duration");
  }
});

export const RunKeySchema = z
  .string()
  .min(1)
  .max(100)
  .transform(toRunKey)
  .meta({ description: "Our id of a run", example: "run_4p5xq2m7cbl3vkd6n4t2ryw5hsj7fgz3a6oe2u4i5xq7m3cbl2vk" });

export const RunKeyParams = z.strictObject({ run: RunKeySchema });
export const RunKeyTaskParams = z.strictObject({ run: RunKeySchema, task_id: TaskIdSchema });

/** Where to read. */
export const FleetRunQuery = z.strictObject({
  ...StateWordsQuery.shape,
  live: QueryBoolean.default(false).meta({ description: "true: read the engine now, and remember what it says" }),
});

export const FleetTasksQuery = z.strictObject({
  live: QueryBoolean.optional().meta({
    description: "true: from the engine now; false: as last read; absent: as last read when that is final, else live",
  }),
});

/** Tasks, and where they come from. */
export const FleetTaskList = page(TaskInstanceView)
  .extend({ source: z.enum(["live", "stored"]), observed_at: InstantSchema })
  .meta({ id: "FleetTaskList" });

export const RunObservationView = z
  .object({
    /** By the instance's clock. */
    at: InstantSchema,
    recorded_at: InstantSchema,
    source: z.enum(OBSERVATION_SOURCES),
    kind: z.enum(["read", "gone", "stopped", "heard"]),
    state: z.enum(RUN_STATES),
    engine_state: z.string().nullable(),
  })
  .meta({ id: "RunObservation" });
