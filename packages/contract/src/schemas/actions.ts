import { z } from "zod";
import { InstantSchema, PageQuery, QueryList } from "./primitives.ts";

/** Verbs that are recorded before they are carried out. */
export const ACTION_VERBS = [
  "dag:pause",
  "run:trigger",
  "run:clear",
  "run:set_state",
  "run:stop",
  "run:delete",
  "task:set_state",
  "dag:delete",
  "config:write",
  "config:delete",
] as const;
export type ActionVerb = (typeof ACTION_VERBS)[number];

/** `unknown`: it was sent, the answer was lost, and reading back does not tell. */
export const ACTION_STATES = ["pending", "done", "failed", "unknown"] as const;
export type ActionState = (typeof ACTION_STATES)[number];

/** A recorded write: what was asked, by whom, and what came of it. */
export const ActionView = z
  .object({
    id: z.string(),
    verb: z.enum(ACTION_VERBS),
    state: z.enum(ACTION_STATES),
    actor: z.string(),
    instance: z.string(),
    dag_id: z.string().nullable(),
    dag_run_id: z.string().nullable(),
    task_id: z.string().nullable(),
    map_index: z.number().int().nullable(),
    request: z.record(z.string(), z.unknown()),
    /** What was so before, where it could be read. */
    before: z.record(z.string(), z.unknown()).nullable(),
    /** What was read back afterwards. */
    after: z.record(z.string(), z.unknown()).nullable(),
    /** What a person should know, such as that the DAG is paused. */
    warnings: z.array(z.object({ code: z.string(), message: z.string() })),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    attempts: z.number().int(),
    created_at: InstantSchema,
    finished_at: InstantSchema.nullable(),
    /** Of a run:trigger, while its trigger is kept. */
    trigger_id: z.string().nullable(),
  })
  .meta({ id: "Action" });
export type ActionView = z.infer<typeof ActionView>;

export const ActionListQuery = z.strictObject({
  ...PageQuery,
  instance: QueryList.optional(),
  state: QueryList.pipe(z.array(z.enum(ACTION_STATES))).optional(),
  verb: QueryList.pipe(z.array(z.enum(ACTION_VERBS))).optional(),
});
