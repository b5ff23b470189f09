import { z } from "zod";
import { defineRoute, INSTANCE_ERRORS, REPEATABLE_ERRORS } from "../route.ts";
import { STOP_DESCRIPTION, STOP_ERRORS } from "./stop-promise.ts";
import { ActionView } from "../schemas/actions.ts";
import { Confirm, DagAddress, page, RunAddressParams, TaskAddressParams } from "../schemas/primitives.ts";
import {
  LogLineView,
  LogQuery,
  RunClear,
  RunListQuery,
  RunPatch,
  RunStop,
  RunTrigger,
  RunView,
  TaskInstanceView,
  TaskPatch,
} from "../schemas/runs.ts";

const area = "Runs";
const runErrors = [...INSTANCE_ERRORS, "RUN_UNKNOWN"] as const;
const RUN = "/api/v1/instances/{instance}/dags/{dag_id}/runs/{dag_run_id}";

export const listRuns = defineRoute({
  id: "listRuns",
  method: "GET",
  path: "/api/v1/instances/{instance}/dags/{dag_id}/runs",
  area,
  summary: "Read the runs of a DAG from its instance, newest first",
  permission: "run:read",
  params: DagAddress,
  query: RunListQuery,
  response: page(RunView),
  errors: [...INSTANCE_ERRORS, "CURSOR_INVALID", "DAG_UNKNOWN"],
});

export const triggerRun = defineRoute({
  id: "triggerRun",
  method: "POST",
  path: "/api/v1/instances/{instance}/dags/{dag_id}/runs",
  area,
  summary: "Start a run",
  description:
    "The run id is ours, so a repeated request finds the first run. With Idempotency-Key the same key always means the same run.",
  permission: "run:trigger",
  audited: true,
  params: DagAddress,
  body: RunTrigger,
  response: ActionView,
  deferrable: true,
  errors: [
    ...INSTANCE_ERRORS,
    "CONF_INVALID",
    "DAG_BROKEN",
    "DAG_UNKNOWN",
    "IDEMPOTENCY_KEY_REUSED",
    "LOGICAL_DATE_INVALID",
    "LOGICAL_DATE_TAKEN",
    "RUN_ID_INVALID",
    "RUN_ID_TAKEN",
  ],
  example: { params: { instance: "eu-prod-1", dag_id: "orders_daily" }, body: { conf: { day: "2026-11-20" } } },
});

export const getRun = defineRoute({
  id: "getRun",
  method: "GET",
  path: RUN,
  area,
  summary: "Read one run from its instance now",
  permission: "run:read",
  params: RunAddressParams,
  response: RunView,
  errors: runErrors,
});

export const patchRun = defineRoute({
  id: "patchRun",
  method: "PATCH",
  path: RUN,
  area,
  summary: "Mark a run as success or failed, or queue it again",
  permission: "run:stop",
  audited: true,
  confirm: "production",
  params: RunAddressParams,
  body: RunPatch,
  response: ActionView,
  deferrable: true,
  errors: [...runErrors, "CONFIRMATION_NEEDED"],
});

export const stopRun = defineRoute({
  id: "stopRun",
  method: "POST",
  path: `${RUN}/stop`,
  area,
  summary: "Stop a run: fail it, and find out that the processes of its tasks are gone",
  description: STOP_DESCRIPTION,
  permission: "run:stop",
  audited: true,
  confirm: "production",
  params: RunAddressParams,
  body: RunStop,
  response: ActionView,
  deferrable: true,
  errors: [...runErrors, ...REPEATABLE_ERRORS, ...STOP_ERRORS],
});

export const clearRun = defineRoute({
  id: "clearRun",
  method: "POST",
  path: `${RUN}/clear`,
  area,
  summary: "Clear tasks of a run so that they run again; with dry_run only tell which",
  description: "Never sent twice: when the answer is lost, the tries are read back.",
  permission: "run:clear",
  audited: true,
  confirm: "production",
  params: RunAddressParams,
  body: RunClear,
  response: ActionView,
  deferrable: true,
  errors: [...runErrors, ...REPEATABLE_ERRORS, "CLEAR_OUTCOME_UNKNOWN", "CONFIRMATION_NEEDED", "TASK_UNKNOWN"],
});

export const deleteRun = defineRoute({
  id: "deleteRun",
  method: "DELETE",
  path: RUN,
  area,
  summary: "Delete a finished run with its task instances from its instance",
  permission: "run:delete",
  audited: true,
  confirm: "production",
  params: RunAddressParams,
  query: z.strictObject({ confirm: Confirm }),
  response: ActionView,
  deferrable: true,
  errors: [...runErrors, "CONFIRMATION_NEEDED", "RUN_ACTIVE"],
});

export const listTasks = defineRoute({
  id: "listTasks",
  method: "GET",
  path: `${RUN}/tasks`,
  area,
  summary: "Read the task instances of a run",
  permission: "run:read",
  params: RunAddressParams,
  response: page(TaskInstanceView),
  errors: runErrors,
});

export const listTries = defineRoute({
  id: "listTries",
  method: "GET",
  path: `${RUN}/tasks/{task_id}/tries`,
  area,
  summary: "Read every try of a task, oldest first",
  permission: "run:read",
  params: TaskAddressParams,
  query: z.strictObject({ map_index: z.coerce.number().int().min(-1).default(-1) }),
  response: page(TaskInstanceView),
  errors: [...runErrors, "TASK_UNKNOWN"],
});

export const patchTask = defineRoute({
  id: "patchTask",
  method: "PATCH",
  path: `${RUN}/tasks/{task_id}`,
  area,
  summary: "Set the state of a task instance",
  permission: "task:set_state",
  audited: true,
  confirm: "production",
  params: TaskAddressParams,
  body: TaskPatch,
  response: ActionView,
  deferrable: true,
  errors: [...runErrors, "CONFIRMATION_NEEDED", "TASK_UNKNOWN"],
});

export const readLog = defineRoute({
  id: "readLog",
  method: "GET",
  path: `${RUN}/tasks/{task_id}/logs`,
  area,
  summary: "Stream the log of a task's try, a JSON object per line",
  description: "With follow=true the answer goes on until the try has ended.",
  permission: "log:read",
  params: TaskAddressParams,
  query: LogQuery,
  response: LogLineView,
  produces: "application/x-ndjson",
  errors: [...runErrors, "LOG_UNAVAILABLE", "TASK_UNKNOWN"],
});
