import type { NativeRead } from "@airfleet/engine";
import { AirfleetError, type InstanceId, type TaskAddress, toTaskId } from "@airfleet/model";
import type { Control, ReadOptions } from "@airfleet/control";
import { dagOf, runOf } from "./addresses.ts";
import { readWholeNumber } from "./query.ts";
import type { FanOutPlan, SeedContext, SeedRoute } from "./seed-route.ts";

/** Airflow's own body of one read, from every client. */
const passOn = ({ control }: SeedContext, read: NativeRead): FanOutPlan => ({
  ask: async (client, options) => {
    const { json } = await control.live.native(client.id, read, options);
    return { client, success: true, data: json };
  },
});

/** The number of a task's last try; the first one's when it has not run yet. */
const newestTry = async (
  control: Control,
  instance: InstanceId,
  task: TaskAddress,
  options: ReadOptions,
): Promise<number> => {
  const tasks = await control.live.tasks(instance, task, options);
  const found = tasks.find(({ taskId, mapIndex }) => taskId === task.taskId && mapIndex === task.mapIndex);
  if (found !== undefined) return Math.max(1, found.tryNumber);
  const { dagId, runId, taskId, mapIndex } = task;
  throw new AirfleetError("TASK_UNKNOWN", {
    instance,
    dag_id: dagId,
    run_id: runId,
    task_id: taskId,
    map_index: mapIndex,
  });
};

/** Airflow shows the oldest try for 1, the original's default; people want to see what happened last. */
const logPlan = (context: SeedContext): FanOutPlan => {
  const { control, params, query } = context;
  const asked = readWholeNumber(query, "try_number", { least: 1, most: 10_000 });
  const mapIndex = readWholeNumber(query, "map_index", { least: -1, most: 1_000_000 }) ?? -1;
  const task = { ...runOf(context), taskId: toTaskId(params.task_id ?? ""), mapIndex };
  return {
    ask: async (client, options) => {
      const tryNumber = asked ?? (await newestTry(control, client.id, task, options));
      const { json } = await control.live.native(client.id, { kind: "log", task, tryNumber }, options);
      return { client, success: true, extras: { try_number: tryNumber }, data: json };
    },
  };
};

/** Reads: each client's Airflow body, passed on as it came. */
export const readRoutes: readonly SeedRoute[] = [
  {
    kind: "fan-out",
    method: "GET",
    path: "/api/dags",
    permission: "dag:read",
    plan: (context) => passOn(context, { kind: "dags" }),
  },
  {
    kind: "fan-out",
    method: "GET",
    path: "/api/dags/:dag_id",
    permission: "dag:read",
    plan: (context) => passOn(context, { kind: "dag", dagId: dagOf(context) }),
  },
  {
    kind: "fan-out",
    method: "GET",
    path: "/api/disaster-recovery/runs/:dag_id",
    permission: "run:read",
    plan: (context) =>
      passOn(context, {
        kind: "runs",
        dagId: dagOf(context),
        limit: readWholeNumber(context.query, "limit", { least: 1, most: 1_000 }) ?? 10,
        offset: readWholeNumber(context.query, "offset", { least: 0, most: 10_000_000 }) ?? 0,
      }),
  },
  {
    kind: "fan-out",
    method: "GET",
    path: "/api/disaster-recovery/runs/:dag_id/:dag_run_id",
    permission: "run:read",
    plan: (context) => passOn(context, { kind: "run", run: runOf(context) }),
  },
  {
    kind: "fan-out",
    method: "GET",
    path: "/api/disaster-recovery/tasks/:dag_id/:dag_run_id",
    permission: "run:read",
    plan: (context) => passOn(context, { kind: "tasks", run: runOf(context) }),
  },
  {
    kind: "fan-out",
    method: "GET",
    path: "/api/disaster-recovery/logs/:dag_id/:dag_run_id/:task_id",
    permission: "log:read",
    plan: logPlan,
  },
];
