import { SETTABLE_TASK_STATES } from "@airfleet/model";
import { z } from "zod";
import { SeedRefusal } from "./seed-error.ts";

const conf = z
  .record(z.string(), z.unknown(), "conf must be a JSON object")
  .nullish()
  .transform((value) => value ?? {});

/** Empty texts count as absent, as in the original. */
const NO_DATE = "logical_date must be a date with a time zone, such as 2026-11-20T03:00:00Z";
const logicalDate = z
  .union([z.literal("", NO_DATE), z.iso.datetime({ offset: true, error: NO_DATE })], NO_DATE)
  .nullish()
  .transform((value) => (value === "" || value === null ? undefined : value));

const dryRun = z.boolean("dry_run must be true or false").default(false);

export const RunBody = z.object({ conf });
export const TriggerBody = z.object({ conf, logical_date: logicalDate });

export const ClearBody = z.object({
  dry_run: dryRun,
  only_failed: z.boolean("only_failed must be true or false").default(true),
  /** Airflow takes an empty list for "all", which nobody who writes one means. */
  task_ids: z
    .array(z.string().min(1), "task_ids must be a list of task ids")
    .min(1, "task_ids must name at least one task; leave it out to clear all")
    .optional(),
});

export const TaskStateBody = z.object({
  new_state: z.enum(SETTABLE_TASK_STATES, "Invalid state. Must be: success, failed, or skipped"),
  dry_run: dryRun,
  map_index: z.number("map_index must be a number").int().min(-1).default(-1),
});

/** Reads a body; a missing one counts as empty. Unknown keys are ignored, as the original did. @throws {SeedRefusal} */
export const readBody = <Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> => {
  if (body !== undefined && (typeof body !== "object" || body === null || Array.isArray(body))) {
    throw new SeedRefusal("The request body must be a JSON object");
  }
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  throw new SeedRefusal(parsed.error.issues[0]?.message ?? "The request body is not valid");
};
