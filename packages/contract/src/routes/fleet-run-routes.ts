import { z } from "zod";
import { defineRoute, INSTANCE_ERRORS, REPEATABLE_ERRORS } from "../route.ts";
import { ActionView } from "../schemas/actions.ts";
import {
  FleetRunListQuery,
  FleetRunQuery,
  FleetRunView,
  FleetTaskList,
  FleetTasksQuery,
  RunKeyParams,
  RunKeyTaskParams,
  RunObservationView,
} from "../schemas/fleet-runs.ts";
import { page } from "../schemas/primitives.ts";
import { STOP_DESCRIPTION, STOP_ERRORS } from "./stop-promise.ts";
import { LogLineView, LogQuery, RunClear, RunStop } from "../schemas/runs.ts";

const area = "Runs";
const RUN = "/api/v1/runs/{run}";
const keyErrors = ["RUN_KEY_UNKNOWN"] as const;
const liveErrors = [...keyErrors, ...INSTANCE_ERRORS, "RUN_UNKNOWN"] as const;

export const listFleetRuns = defineRoute({
  id: "listFleetRuns",
  method: "GET",
  path: "/api/v1/runs",
  area,
  summary: "List the runs of the fleet, newest due first",
  description:
    "Answered from the store: every run that was seen, whoever started it, also those that the engine has since dropped. A page may hold fewer rows than asked for when a selector filters them; next_cursor alone tells whether there are more.",
  permission: "run:read",
  query: FleetRunListQuery,
  response: page(FleetRunView),
  errors: ["CURSOR_INVALID", "INSTANCE_UNKNOWN", "SELECTOR_INVALID"],
  example: { query: { selector: "tag=tier1 !later_success" } },
});

export const getFleetRun = defineRoute({
  id: "getFleetRun",
  method: "GET",
  path: RUN,
  area,
  summary: "Show one run by our id",
  permission: "run:read",
  params: RunKeyParams,
  query: FleetRunQuery,
  response: FleetRunView,
  errors: liveErrors,
});

export const listFleetRunTasks = defineRoute({
  id: "listFleetRunTasks",
  method: "GET",
  path: `${RUN}/tasks`,
  area,
  summary: "Show the task instances of a run, from the engine or as last read, and say which",
  permission: "run:read",
  params: RunKeyParams,
  query: FleetTasksQuery,
  response: FleetTaskList,
  errors: liveErrors,
});

export const listFleetRunTries = defineRoute({
  id: "listFleetRunTries",
  method: "GET",
  path: `${RUN}/tasks/{task_id}/tries`,
  area,
  summary: "Show every try of a task, oldest first, from the engine or as last read, and say which",
  permission: "run:read",
  params: RunKeyTaskParams,
  query: z.strictObject({ map_index: z.coerce.number().int().min(-1).default(-1) }),
  response: FleetTaskList,
  errors: [...liveErrors, "TASK_UNKNOWN"],
});

export const readFleetRunLog = defineRoute({
  id: "readFleetRunLog",
  method: "GET",
  path: `${RUN}/tasks/{task_id}/logs`,
  area,
  summary: "Stream the log of a task's try, from the engine or, when it has it no more, from our archive",
  description:
    "The header airfleet-log-source says `live` or `archive`, airfleet-log-archived-at when it was archived. `Accept: text/plain` answers it as a text file.",
  permission: "log:read",
  params: RunKeyTaskParams,
  query: LogQuery,
  response: LogLineView,
  produces: "application/x-ndjson",
  errors: [...liveErrors, "LOG_UNAVAILABLE", "TASK_UNKNOWN"],
});

export const listRunObservations = defineRoute({
  id: "listRunObservations",
  method: "GET",
  path: `${RUN}/observations`,
  area,
  summary: "Show what was observed of a run, oldest first: when, by whom, and what it changed",
  permission: "run:read",
  params: RunKeyParams,
  response: page(RunObservationView),
  errors: keyErrors,
});

export const stopFleetRun = defineRoute({
  id: "stopFleetRun",
  method: "POST",
  path: `${RUN}/stop`,
  area,
  summary: "Stop a run by our id: fail it, and find out that the processes of its tasks are gone",
  description: STOP_DESCRIPTION,
  permission: "run:stop",
  audited: true,
  confirm: "production",
  params: RunKeyParams,
  body: RunStop,
  response: ActionView,
  deferrable: true,
  errors: [...liveErrors, ...REPEATABLE_ERRORS, ...STOP_ERRORS],
});

export const clearFleetRun = defineRoute({
  id: "clearFleetRun",
  method: "POST",
  path: `${RUN}/clear`,
  area,
  summary: "Clear tasks of a run by our id so that they run again; with dry_run only tell which",
  permission: "run:clear",
  audited: true,
  confirm: "production",
  params: RunKeyParams,
  body: RunClear,
  response: ActionView,
  deferrable: true,
  errors: [...liveErrors, ...REPEATABLE_ERRORS, "CLEAR_OUTCOME_UNKNOWN", "CONFIRMATION_NEEDED", "TASK_UNKNOWN"],
});
