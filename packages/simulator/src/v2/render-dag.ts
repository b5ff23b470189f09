import { toZuluDate } from "../clock/instant.ts";
import { startDateOf, ticksOf } from "../scheduler/ticks.ts";
import type { DagSpec } from "../specs/dag-spec.ts";
import { chanceOf } from "../world/chance.ts";
import { type DagRecord, type DagVersion, fileOf, relativeFileOf } from "../world/dag-record.ts";
import type { Deployment } from "../world/deployment.ts";
import { BUNDLE, fileTokenOf } from "../world/file-tokens.ts";
import { cronTextOf, describeSchedule, intervalText } from "../world/timetable-text.ts";

const summaryOf = (spec: DagSpec): string | null => {
  const schedule = spec.schedule ?? null;
  if (schedule === null) return null;
  if (typeof schedule === "string") return cronTextOf(schedule);
  return "assets" in schedule ? "Asset" : intervalText(schedule.everySeconds);
};

const nextDates = ({ nextRun }: DagRecord): object => ({
  next_dagrun_logical_date: nextRun === null ? null : toZuluDate(nextRun.logicalAt),
  next_dagrun_data_interval_start: nextRun === null ? null : toZuluDate(nextRun.intervalStart),
  next_dagrun_data_interval_end: nextRun === null ? null : toZuluDate(nextRun.intervalEnd),
  next_dagrun_run_after: nextRun === null ? null : toZuluDate(nextRun.runAfter),
});

const isPeriodic = (spec: DagSpec): boolean => ticksOf(spec) !== undefined;

/** A DAG as `/dags` and `/dags/{dag_id}` show it. */
export const renderDag = (deployment: Deployment, dag: DagRecord): object => {
  const { parsed } = dag;
  const displayName = parsed.displayName ?? dag.dagId;
  const file = fileOf(parsed);
  return {
    dag_id: dag.dagId,
    dag_display_name: displayName,
    is_paused: dag.paused,
    is_stale: !dag.active,
    last_parsed_time: toZuluDate(dag.lastParsedAt),
    last_parse_duration: 0.2 + chanceOf("parse", file),
    last_expired: null,
    bundle_name: BUNDLE,
    bundle_version: null,
    relative_fileloc: relativeFileOf(file),
    fileloc: file,
    description: parsed.description ?? null,
    timetable_summary: summaryOf(parsed),
    timetable_description: describeSchedule(parsed),
    timetable_partitioned: false,
    timetable_periodic: isPeriodic(parsed),
    tags: [...(parsed.tags ?? [])].sort().map((name) => ({ name, dag_id: dag.dagId, dag_display_name: displayName })),
    max_active_tasks: parsed.maxActiveTasks ?? 16,
    max_active_runs: parsed.maxActiveRuns ?? 16,
    max_consecutive_failed_dag_runs: 0,
    has_task_concurrency_limits: false,
    has_import_errors: dag.hasImportErrors,
    ...nextDates(dag),
    allowed_run_types: null,
    owners: parsed.owners ?? ["airflow"],
    is_backfillable: isPeriodic(parsed),
    file_token: fileTokenOf(deployment, dag),
  };
};

/** A stored version, as runs, task instances and `dagVersions` show it. */
export const renderVersion = (dag: DagRecord, version: DagVersion): object => ({
  id: version.id,
  version_number: version.number,
  dag_id: dag.dagId,
  bundle_name: BUNDLE,
  bundle_version: null,
  created_at: toZuluDate(version.createdAt),
  dag_display_name: dag.parsed.displayName ?? dag.dagId,
  bundle_url: null,
});

const renderParams = (spec: DagSpec): object =>
  Object.fromEntries(
    Object.entries(spec.params ?? {}).map(([name, param]) => [
      name,
      { value: param.value ?? null, schema: param.schema, description: param.description ?? null, source: null },
    ]),
  );

/** A DAG as `/dags/{dag_id}/details` shows it: the serialized form, which lags behind an edit. */
export const renderDetails = (deployment: Deployment, dag: DagRecord): object => {
  const { serialized } = dag;
  const version = dag.versions.at(-1);
  return {
    ...renderDag(deployment, dag),
    catchup: serialized.catchup ?? false,
    dag_run_timeout: null,
    asset_expression: null,
    doc_md: serialized.docMd ?? null,
    start_date: toZuluDate(startDateOf(serialized)),
    end_date: null,
    is_paused_upon_creation: serialized.paused ?? null,
    params: renderParams(serialized),
    render_template_as_native_obj: false,
    template_search_path: null,
    timezone: "UTC",
    last_parsed: toZuluDate(dag.lastLoadedAt),
    default_args: {},
    rerun_with_latest_version: null,
    owner_links: {},
    is_favorite: false,
    active_runs_count: [...dag.open].filter((run) => run.state === "running").length,
    concurrency: serialized.maxActiveTasks ?? 16,
    latest_dag_version: version === undefined ? null : renderVersion(dag, version),
  };
};
