type JsonObject = Readonly<Record<string, unknown>>;

const DELTA = /^(?:(-?\d+) days?, )?(\d+):(\d{2}):(\d{2})(?:\.(\d{6}))?$/;

/** `schedule_interval` as Airflow 2 wrote it: a timedelta in its parts; all else, timetables' names too, as cron text. */
const scheduleInterval = (summary: unknown): unknown => {
  if (typeof summary !== "string") return null;
  const delta = DELTA.exec(summary);
  if (delta === null) return { __type: "CronExpression", value: summary };
  const [days, hours, minutes, seconds, microseconds] = delta.slice(1).map((part) => Number(part ?? 0));
  return {
    __type: "TimeDelta",
    days,
    seconds: (hours ?? 0) * 3_600 + (minutes ?? 0) * 60 + (seconds ?? 0),
    microseconds,
  };
};

const dagNames = (dag: JsonObject): JsonObject => ({
  is_active: dag["is_stale"] !== true,
  schedule_interval: scheduleInterval(dag["timetable_summary"]),
  next_dagrun: dag["next_dagrun_logical_date"] ?? null,
  next_dagrun_create_after: dag["next_dagrun_run_after"] ?? null,
  file_token: dag["file_token"] ?? null,
  root_dag_id: null,
  is_subdag: false,
  default_view: "grid",
  last_pickled: null,
  pickle_id: null,
  scheduler_lock: null,
});

const runNames = (run: JsonObject): JsonObject => ({
  // A run without a date had none to show in Airflow 2 either; the time it may start comes nearest.
  execution_date: run["logical_date"] ?? run["run_after"] ?? null,
  external_trigger: run["run_type"] === "manual",
});

const taskNames = (task: JsonObject): JsonObject => ({
  execution_date: task["logical_date"] ?? task["run_after"] ?? null,
  sla_miss: null,
});

/**
 * An Airflow 3 object with the names that Airflow 2 used beside its own, so that clients written for Airflow 2 go on
 * reading. Its own names and values stay as they are; a v1 name that it has already is not touched.
 */
export const addV1Names = (object: JsonObject): JsonObject => {
  if ("task_id" in object && "dag_run_id" in object) return { ...taskNames(object), ...object };
  if ("dag_run_id" in object) return { ...runNames(object), ...object };
  if ("is_stale" in object) return { ...dagNames(object), ...object };
  return object;
};
