import { z } from "zod";
import { defineRoute } from "../route.ts";
import { ExecutionStarted } from "../schemas/executions.ts";
import {
  ScheduleAddress,
  ScheduleBody,
  ScheduleNextQuery,
  ScheduleNextView,
  SchedulePage,
  SchedulePatch,
  ScheduleQuery,
  ScheduleStatsView,
  ScheduleStatusBody,
  ScheduleView,
} from "../schemas/schedules.ts";

const area = "Schedules";
const SCHEDULES = "/api/v1/schedules";
const SCHEDULE = `${SCHEDULES}/{schedule}`;
const TIMING_ERRORS = ["CRON_INVALID", "CRON_NEVER", "SCHEDULE_INVALID", "TIME_ZONE_UNKNOWN"] as const;
const CHANGE_ERRORS = [
  ...TIMING_ERRORS,
  "PIPELINE_UNKNOWN",
  "SCHEDULE_UNKNOWN",
  "VERSION_CONFLICT",
  "VERSION_MISSING",
] as const;
const RUN_ERRORS = [
  "EXECUTION_ENVIRONMENT_UNKNOWN",
  "EXECUTION_ENVIRONMENT_WIDE",
  "EXECUTION_INSTANCE_NONE",
  "EXECUTION_INSTANCE_OPEN",
  "INSTANCE_UNKNOWN",
  "PIPELINE_INVALID",
  "PIPELINE_UNKNOWN",
  "SCHEDULE_UNKNOWN",
] as const;

export const listSchedules = defineRoute({
  id: "listSchedules",
  method: "GET",
  path: SCHEDULES,
  area,
  summary: "List schedules of pipelines, newest first",
  permission: "schedule:read",
  query: ScheduleQuery,
  response: SchedulePage,
  errors: ["CURSOR_INVALID"],
});

export const getScheduleStats = defineRoute({
  id: "getScheduleStats",
  method: "GET",
  path: `${SCHEDULES}/stats`,
  area,
  summary: "Count schedules",
  permission: "schedule:read",
  response: ScheduleStatsView,
  errors: [],
});

export const createSchedule = defineRoute({
  id: "createSchedule",
  method: "POST",
  path: SCHEDULES,
  area,
  summary: "Schedule a pipeline",
  description:
    "Exactly one scheduler is in charge of it, `run_by`: the engine for the first cron expression of a pipeline, this server for what an engine cannot do.",
  permission: "schedule:write",
  audited: true,
  body: ScheduleBody,
  response: ScheduleView,
  status: 201,
  errors: [...TIMING_ERRORS, "PIPELINE_UNKNOWN", "VERSION_CONFLICT"],
  example: {
    body: {
      pipeline_id: "3b9c1f0e-5a44-4d0b-9d6e-0c2f4f6c7a11",
      name: "Every morning",
      frequency: "daily",
      timezone: "Europe/Zurich",
      config: { hour: 6, minute: 30 },
    },
  },
});

export const getSchedule = defineRoute({
  id: "getSchedule",
  method: "GET",
  path: SCHEDULE,
  area,
  summary: "Show a schedule, with its version as ETag",
  permission: "schedule:read",
  params: ScheduleAddress,
  response: ScheduleView,
  errors: ["SCHEDULE_UNKNOWN"],
});

export const putSchedule = defineRoute({
  id: "putSchedule",
  method: "PUT",
  path: SCHEDULE,
  area,
  summary: "Change a schedule; what is left out stays",
  permission: "schedule:write",
  audited: true,
  params: ScheduleAddress,
  body: SchedulePatch,
  response: ScheduleView,
  errors: CHANGE_ERRORS,
});

export const patchSchedule = defineRoute({
  id: "patchSchedule",
  method: "PATCH",
  path: SCHEDULE,
  area,
  summary: "Change some of a schedule",
  permission: "schedule:write",
  audited: true,
  params: ScheduleAddress,
  body: SchedulePatch,
  response: ScheduleView,
  errors: CHANGE_ERRORS,
});

export const deleteSchedule = defineRoute({
  id: "deleteSchedule",
  method: "DELETE",
  path: SCHEDULE,
  area,
  summary: "Remove a schedule; its executions stay",
  permission: "schedule:write",
  audited: true,
  params: ScheduleAddress,
  response: z.undefined(),
  status: 204,
  errors: ["PIPELINE_UNKNOWN", "SCHEDULE_UNKNOWN", "VERSION_CONFLICT", "VERSION_MISSING"],
});

export const setScheduleStatus = defineRoute({
  id: "setScheduleStatus",
  method: "PATCH",
  path: `${SCHEDULE}/status`,
  area,
  summary: "Switch a schedule on or off",
  permission: "schedule:write",
  audited: true,
  params: ScheduleAddress,
  body: ScheduleStatusBody,
  response: ScheduleView,
  errors: CHANGE_ERRORS,
});

export const triggerSchedule = defineRoute({
  id: "triggerSchedule",
  method: "POST",
  path: `${SCHEDULE}/trigger`,
  area,
  summary: "Execute the pipeline of a schedule now, with the schedule's parameters",
  permission: "execution:start",
  audited: true,
  params: ScheduleAddress,
  response: ExecutionStarted,
  errors: [...RUN_ERRORS, "IDEMPOTENCY_KEY_REUSED"],
});

export const syncSchedule = defineRoute({
  id: "syncSchedule",
  method: "POST",
  path: `${SCHEDULE}/sync-airflow`,
  area,
  summary: "Bring the pipeline with this schedule to its instance",
  permission: "deployment:write",
  audited: true,
  params: ScheduleAddress,
  response: ScheduleView,
  errors: [...RUN_ERRORS, "DEPLOY_TARGET_MISSING"],
});

export const getScheduleNext = defineRoute({
  id: "getScheduleNext",
  method: "GET",
  path: `${SCHEDULE}/next`,
  area,
  summary: "Say when a schedule falls due next",
  permission: "schedule:read",
  params: ScheduleAddress,
  query: ScheduleNextQuery,
  response: ScheduleNextView,
  errors: ["SCHEDULE_UNKNOWN"],
});
