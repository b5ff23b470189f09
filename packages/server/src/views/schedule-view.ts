import type { ScheduleView } from "@airfleet/contract";
import type { ScheduleRequest, ShownSchedule } from "@airfleet/control";
import type { ScheduleFrequency, ScheduleTimes } from "@airfleet/model";
import { given } from "../routes/given.ts";
import { toInstant, toInstantOrNull } from "./instants.ts";

/** What older servers keep with a schedule, and what they answer where nothing was said. */
const KEPT = {
  max_retries: 3,
  retry_delay_minutes: 5,
  timeout_minutes: 60,
  send_notifications: false,
  notification_emails: [],
} as const;

type Config = Readonly<Record<string, unknown>>;

/** A request's body, as a route has checked it. */
interface Body {
  readonly name?: string | undefined;
  readonly description?: string | null | undefined;
  readonly frequency?: ScheduleFrequency | undefined;
  readonly timezone?: string | undefined;
  readonly start_date?: string | null | undefined;
  readonly end_date?: string | null | undefined;
  readonly config?: Config | undefined;
  readonly missed?: ScheduleRequest["missed"] | undefined;
  readonly instance?: string | null | undefined;
  readonly environment?: string | null | undefined;
  readonly status?: "active" | "paused" | undefined;
}

const toTimes = (config: Config): Partial<ScheduleTimes> =>
  given({
    minute: config["minute"],
    hour: config["hour"],
    daysOfWeek: config["days_of_week"],
    dayOfMonth: config["day_of_month"],
    cronExpression: config["cron_expression"],
    intervalSeconds: config["interval_seconds"],
  }) as Partial<ScheduleTimes>;

const toKept = (config: Config): Config =>
  Object.fromEntries(Object.keys(KEPT).flatMap((name) => (name in config ? [[name, config[name]]] : [])));

export const toScheduleRequest = (body: Body): ScheduleRequest => {
  const { config = {}, status } = body;
  const params = config["params"] as ScheduleRequest["params"];
  return given({
    name: body.name,
    description: body.description,
    frequency: body.frequency,
    timeZone: body.timezone,
    startDate: body.start_date,
    endDate: body.end_date,
    times: toTimes(config),
    missed: body.missed,
    instance: body.instance,
    environment: body.environment,
    params,
    isActive: status === undefined ? undefined : status === "active",
    kept: toKept(config),
  }) as ScheduleRequest;
};

export const toScheduleView = ({
  schedule,
  cron,
  dagId,
  nextRunAt,
  tally,
  reason,
  isSynced,
}: ShownSchedule): ScheduleView => {
  const { definition } = schedule;
  const { times } = definition;
  return {
    id: schedule.id,
    pipeline_id: schedule.pipeline,
    name: schedule.name,
    description: schedule.description,
    frequency: definition.frequency,
    cron_expression: cron,
    timezone: definition.timeZone,
    start_date: definition.startDate,
    end_date: definition.endDate,
    config: {
      minute: times.minute,
      hour: times.hour,
      days_of_week: times.daysOfWeek,
      day_of_month: times.dayOfMonth,
      cron_expression: times.cronExpression,
      interval_seconds: times.intervalSeconds,
      params: schedule.params,
      ...KEPT,
      ...definition.kept,
    },
    missed: definition.missed,
    instance: definition.instance,
    environment: definition.environment,
    status: schedule.isActive ? "active" : "paused",
    is_active: schedule.isActive,
    run_by: schedule.runBy,
    run_by_reason: reason,
    is_pipeline_schedule: schedule.isPrimary,
    next_run_at: toInstantOrNull(nextRunAt),
    last_run_at: toInstantOrNull(tally.lastAt),
    total_runs: tally.total,
    successful_runs: tally.successful,
    failed_runs: tally.failed,
    is_airflow_synced: isSynced,
    airflow_dag_id: dagId,
    version: schedule.version,
    created_by: schedule.createdBy,
    created_at: toInstant(schedule.createdAt),
    updated_at: toInstant(schedule.updatedAt),
  };
};
