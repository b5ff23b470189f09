import { type GraphNode, toTaskId } from "@airfleet/model";
import { z } from "zod";

/** A Python timedelta as both generations write it. */
export const TimeDelta = z.object({
  __type: z.literal("TimeDelta"),
  days: z.number(),
  seconds: z.number(),
  microseconds: z.number(),
});

const two = (value: number): string => String(value).padStart(2, "0");

/** As Python's `str()` writes it (`1 day, 0:30:00`), which is what Airflow 3 shows for the same schedule. */
export const describeDelta = ({ days, seconds, microseconds }: z.infer<typeof TimeDelta>): string => {
  const clock = `${Math.floor(seconds / 3_600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  const fraction = microseconds === 0 ? "" : `.${String(microseconds).padStart(6, "0")}`;
  const day = days === 0 ? "" : `${days} day${Math.abs(days) === 1 ? "" : "s"}, `;
  return `${day}${clock}${fraction}`;
};

/** Default values of params: each is `{value, schema, …}` in both generations; a bare value is its own default. */
export const paramDefaults = (params: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(params).map(([name, param]) => [
      name,
      typeof param === "object" && param !== null && "value" in param ? (param.value ?? null) : param,
    ]),
  );

const TaskFields = z.object({
  task_id: z.string(),
  task_display_name: z.string().nullish(),
  operator_name: z.string().nullish(),
  class_ref: z.object({ class_name: z.string().nullish() }).nullish(),
  is_mapped: z.boolean().nullish(),
  trigger_rule: z.string().nullish(),
  retries: z.number().nullish(),
  downstream_task_ids: z.array(z.string()).nullish(),
});

const toGraphNode = (task: z.infer<typeof TaskFields>): GraphNode => ({
  taskId: toTaskId(task.task_id),
  displayName: task.task_display_name ?? task.task_id,
  operator: task.operator_name ?? task.class_ref?.class_name ?? null,
  isMapped: task.is_mapped ?? false,
  triggerRule: task.trigger_rule ?? null,
  retries: task.retries ?? null,
  downstream: (task.downstream_task_ids ?? []).map(toTaskId).sort(),
});

/** `/dags/{id}/tasks`, the same in both generations. */
export const TasksShape = z
  .object({ tasks: z.array(TaskFields.transform(toGraphNode)), total_entries: z.number() })
  .transform(({ tasks, total_entries }) => ({ rows: tasks, total: total_entries, nextCursor: null }));
