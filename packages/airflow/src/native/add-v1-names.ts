type JsonObject = Readonly<Record<string, unknown>>;

/** `schedule_interval` as Airflow 2 wrote it; a timetable that is no cron text went by its name there as well. */
const scheduleInterval = (summary: unknown): unknown =>
  typeof summary === "string" ? { __type: "CronExpression", value: summary } : null;

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
