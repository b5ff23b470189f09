import { EVENT_FAMILIES, EVENT_KINDS } from "@airfleet/model";
import { z } from "zod";
import { RunKeySchema } from "./fleet-runs.ts";
import { InstantSchema, JsonObject, QueryList } from "./primitives.ts";

const EventId = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** A kind that is misspelt would be waited for in vain. */
const EventKindOrFamily = z.enum([...EVENT_KINDS, ...EVENT_FAMILIES]);

export const EventQuery = z.strictObject({
  kind: QueryList.pipe(z.array(EventKindOrFamily))
    .optional()
    .meta({ description: "Kinds, or all of a family: `run.changed,dag.*`", example: "run.*" }),
  instance: QueryList.optional(),
  dag_id: QueryList.optional(),
  run: RunKeySchema.optional(),
  subject_type: z.string().min(1).max(64).optional(),
  subject_id: z.string().min(1).max(2_000).optional().meta({ description: "Only together with `subject_type`" }),
  state_words: z.string().min(1).max(500).optional().meta({
    description: "Run states in other words: `airfleet`, `cinco`, `logidata`, or a table `queued=waiting,…` of six",
    example: "cinco",
  }),
  last_event_id: EventId.optional().meta({
    description: "Where a stream goes on that a browser opens anew; the header `Last-Event-ID` goes before it",
  }),
  tail: z.coerce.number().int().min(0).max(10_000).optional().meta({
    description: "Begin so many events before the newest, where nothing says where to go on",
  }),
});

/** Something that happened. */
export const EventView = z
  .object({
    id: z.number().int(),
    at: InstantSchema,
    kind: z.string(),
    instance: z.string().nullable(),
    dag_id: z.string().nullable(),
    dag_run_id: z.string().nullable(),
    payload: JsonObject,
  })
  .meta({ id: "Event" });
export type EventView = z.infer<typeof EventView>;
