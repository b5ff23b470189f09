import { INSTANCE_ID_PATTERN, type InstanceId, toDagId, toRunId, toTaskId } from "@airfleet/model";
import { z } from "zod";

/** Instance id in a path or body. */
export const InstanceIdSchema = z
  .string()
  .regex(INSTANCE_ID_PATTERN)
  .transform((value) => value as InstanceId)
  .meta({ description: "Id of an instance", example: "eu-prod-1" });

const idText = (what: string, example: string) => z.string().min(1).max(250).meta({ description: what, example });

export const DagIdSchema = idText("The engine's id of a DAG", "orders_daily").transform(toDagId);
export const RunIdSchema = idText("The engine's id of a run", "manual__2026-11-20T03:00:00+00:00").transform(toRunId);
export const TaskIdSchema = idText("The engine's id of a task", "load.orders").transform(toTaskId);

/** A point in time: RFC 3339 with a zone. */
export const InstantSchema = z.iso
  .datetime({ offset: true, error: "A time with its zone is needed, such as 2026-11-20T03:00:00Z" })
  .meta({ description: "RFC 3339 with a time zone", example: "2026-11-20T03:00:00Z" });

/** A JSON object of the user's own keys. */
export const JsonObject = z.record(z.string(), z.unknown());

/** `true` or `false` in a query. */
export const QueryBoolean = z.enum(["true", "false"]).transform((value) => value === "true");

/** `a,b,c` in a query; blanks are dropped, an empty list is refused. */
export const QueryList = z
  .string()
  .transform((value) =>
    value
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== ""),
  )
  .pipe(z.array(z.string().max(250)).min(1).max(500));

/** `instance=eu-* tag=tier1 state=failed`: its grammar is in the guide of runs. */
export const SelectorText = z
  .string()
  .min(1)
  .max(4_000)
  .meta({ description: "Narrows further", example: "instance=eu-* tag=tier1" });

/** Rows of one page and where to go on. */
export const PageQuery = {
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  cursor: z.string().max(2_000).optional(),
} as const;

/** A page of a list: `next_cursor` is null at the end. */
export const page = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next_cursor: z.string().nullable() });

export const InstanceAddress = z.strictObject({ instance: InstanceIdSchema });
export const DagAddress = z.strictObject({ instance: InstanceIdSchema, dag_id: DagIdSchema });
export const RunAddressParams = z.strictObject({
  instance: InstanceIdSchema,
  dag_id: DagIdSchema,
  dag_run_id: RunIdSchema,
});
export const TaskAddressParams = z.strictObject({
  instance: InstanceIdSchema,
  dag_id: DagIdSchema,
  dag_run_id: RunIdSchema,
  task_id: TaskIdSchema,
});

/** Repeats the id of a production instance, to show that it is meant. */
export const Confirm = z
  .string()
  .max(100)
  .optional()
  .meta({ description: "The instance id, when the instance is of tier production" });
