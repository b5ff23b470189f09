import { toOffsetDate } from "../clock/instant.ts";
import { startDateOf } from "../scheduler/ticks.ts";
import type { DagSpec } from "../specs/dag-spec.ts";
import { type DagRecord, fileOf } from "../world/dag-record.ts";
import type { Deployment } from "../world/deployment.ts";
import { fileTokenOf } from "../world/file-tokens.ts";
import { describeSchedule } from "../world/timetable-text.ts";

const scheduleInterval = (spec: DagSpec): object | null => {
  const schedule = spec.schedule ?? null;
  if (schedule === null) return null;
  if (typeof schedule === "string") return { __type: "CronExpression", value: schedule };
  if ("assets" in schedule) return { __type: "CronExpression", value: "Dataset" };
  const seconds = schedule.everySeconds;
  return { __type: "TimeDelta", days: Math.floor(seconds / 86_400), microseconds: 0, seconds: seconds % 86_400 };
};

const nextDates = ({ nextRun }: DagRecord): object => ({
  next_dagrun: nextRun === null ? null : toOffsetDate(nextRun.logicalAt),
  next_dagrun_create_after: nextRun === null ? null : toOffsetDate(nextRun.runAfter),
  next_dagrun_data_interval_end: nextRun === null ? null : toOffsetDate(nextRun.intervalEnd),
  next_dagrun_data_interval_start: nextRun === null ? null : toOffsetDate(nextRun.intervalStart),
});

/** A DAG as `/dags` and `/dags/{dag_id}` show it. */
export const renderDag = (deployment: Deployment, dag: DagRecord): object => {
  const { parsed } = dag;
  return {
    dag_display_name: parsed.displayName ?? dag.dagId,
    dag_id: dag.dagId,
    default_view: "grid",
    description: parsed.description ?? null,
    file_token: fileTokenOf(deployment, dag),
    fileloc: fileOf(parsed),
    has_import_errors: dag.hasImportErrors,
    has_task_concurrency_limits: false,
    is_active: dag.active,
    is_paused: dag.paused,
    is_subdag: false,
    last_expired: null,
    last_parsed_time: toOffsetDate(dag.lastParsedAt),
    last_pickled: null,
    max_active_runs: parsed.maxActiveRuns ?? 16,
    max_active_tasks: parsed.maxActiveTasks ?? 16,
    max_consecutive_failed_dag_runs: 0,
    ...nextDates(dag),
    owners: parsed.owners ?? ["airflow"],
    pickle_id: null,
    root_dag_id: null,
    schedule_interval: scheduleInterval(parsed),
    scheduler_lock: null,
    tags: (parsed.tags ?? []).map((name) => ({ name })),
    timetable_description: describeSchedule(parsed),
  };
};

const renderParams = (spec: DagSpec): object =>
  Object.fromEntries(
    Object.entries(spec.params ?? {}).map(([name, param]) => [
      name,
      {
        __class: "airflow.models.param.Param",
        value: param.value ?? null,
        description: param.description ?? null,
        schema: param.schema,
      },
    ]),
  );

/** A DAG as `/dags/{dag_id}/details` shows it: the serialized form, which lags behind an edit. */
export const renderDetails = (deployment: Deployment, dag: DagRecord): object => {
  const { serialized } = dag;
  return {
    catchup: serialized.catchup ?? false,
    concurrency: serialized.maxActiveTasks ?? 16,
    dag_run_timeout: null,
    dataset_expression: null,
    doc_md: serialized.docMd ?? null,
    end_date: null,
    is_paused_upon_creation: serialized.paused ?? null,
    last_parsed: toOffsetDate(dag.lastLoadedAt),
    orientation: "LR",
    params: renderParams(serialized),
    render_template_as_native_obj: false,
    start_date: toOffsetDate(startDateOf(serialized)),
    template_searchpath: null,
    timezone: "UTC",
    ...renderDag(deployment, dag),
    // Airflow 2 answers no owners here, whatever the DAG says.
    owners: [],
  };
};
