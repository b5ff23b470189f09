import { WINDOW_ROWS } from "@airfleet/engine";
import type { ConfigEntryWrite } from "@airfleet/model";
import { type AirflowVersion, isAtLeast } from "../airflow-version.ts";
import { AuditEventsShape, ConnectionsShape, PoolsShape, VariablesShape } from "../config-shapes.ts";
import { TasksShape } from "../dag-fields.ts";
import type { AnswerShapes, Dialect } from "../dialect.ts";
import { HealthShape } from "../health-shape.ts";
import { path } from "../api-path.ts";
import { fromPageToken, toOffset } from "../page-tokens.ts";
import { toEngineStates } from "../run-fields.ts";
import { DagDetailShape, DagShape, DagsShape, ImportErrorsShape } from "./dag-shapes.ts";
import { ClearedShape, RunShape, RunsShape, TaskInstanceShape, TaskInstancesShape } from "./run-shapes.ts";

const SHAPES: AnswerShapes = {
  dag: DagShape,
  dagDetail: DagDetailShape,
  dags: DagsShape,
  tasks: TasksShape,
  run: RunShape,
  runs: RunsShape,
  taskInstance: TaskInstanceShape,
  taskInstances: TaskInstancesShape,
  cleared: ClearedShape,
  importErrors: ImportErrorsShape,
  config: { variable: VariablesShape, connection: ConnectionsShape, pool: PoolsShape },
  auditEvents: AuditEventsShape,
  health: HealthShape,
};

/** Airflow 2 has no partial replace that leaves secrets alone but this: what is not sent stays. */
const configBody = (entry: ConfigEntryWrite, existing: Readonly<Record<string, unknown>> | null): unknown => {
  switch (entry.kind) {
    case "variable": {
      // Airflow 2 refuses a description that is null.
      const description = entry.description ?? existing?.["description"] ?? undefined;
      return { key: entry.key, value: entry.value, ...(description === undefined ? {} : { description }) };
    }
    case "connection":
      return {
        connection_id: entry.key,
        conn_type: entry.connType,
        description: entry.description ?? null,
        host: entry.host ?? null,
        schema: entry.schema ?? null,
        login: entry.login ?? null,
        port: entry.port ?? null,
        ...(entry.password === undefined ? {} : { password: entry.password }),
        ...(entry.extra === undefined ? {} : { extra: entry.extra }),
      };
    case "pool":
      return {
        name: entry.key,
        slots: entry.slots,
        description: entry.description ?? existing?.["description"] ?? null,
        include_deferred: entry.includeDeferred ?? existing?.["include_deferred"] ?? false,
      };
    default:
      return entry satisfies never;
  }
};

/** Airflow 2: REST v1 as 2.7 to 2.11 speak it. */
export const createV1Dialect = (version: AirflowVersion, root: Dialect["root"], pageRows: number): Dialect => ({
  generation: 2,
  version,
  root,
  capabilities: {
    exactlyOnce: "run_id",
    dateless: false,
    delayedStart: false,
    versions: false,
    tries: isAtLeast(version, 10),
    reparse: isAtLeast(version, 10),
    cursors: false,
    guardsActiveRuns: false,
    namesTriggeringUser: false,
    writesConfig: true,
    structuredLogs: false,
    // 5 to 11 s at two heartbeats, on a loaded machine more.
    presumeGoneSeconds: 30,
    pageLimit: pageRows,
  },
  pageRows,
  // The POST lists are not capped. They come in no order at all, so the fewer pages the better: normally one.
  batchRows: pageRows < 100 ? 1_000 : 10_000,
  windowRows: pageRows < 100 ? 2 * pageRows : WINDOW_ROWS,
  healthPath: path`/health`,
  shapes: SHAPES,
  dagsQuery: (query) => ({
    limit: query.limit ?? pageRows,
    offset: toOffset(query.after),
    order_by: "dag_id",
    // Removed DAGs too: they are rows with is_active false, which is our `isStale`.
    only_active: false,
    tags: query.tags,
    paused: query.paused,
    dag_id_pattern: query.dagIdContains,
  }),
  runsQuery: (query) => {
    const start = fromPageToken(query.after);
    return {
      limit: query.limit ?? pageRows,
      offset: start?.kind === "offset" ? start.offset : 0,
      state: toEngineStates(query.states),
      updated_at_gte: query.changedSince,
      order_by: query.changedSince === undefined ? "-id" : "-updated_at",
    };
  },
  runWindowBody: ({ dagId, states, window, limit }, offset) => ({
    page_limit: limit,
    page_offset: offset,
    order_by: "-id",
    execution_date_gte: window.from,
    execution_date_lte: window.to,
    ...(dagId === undefined ? {} : { dag_ids: [dagId] }),
    ...(states === undefined ? {} : { states: toEngineStates(states) }),
  }),
  auditQuery: (query) => ({
    dag_id: query.dagId,
    run_id: query.runId,
    after: query.since,
    order_by: "-event_log_id",
  }),
  taskListBody: ({ dagIds, runIds, offset, limit }) => ({
    dag_ids: dagIds,
    dag_run_ids: runIds,
    page_offset: offset,
    page_limit: limit,
  }),
  triggerBody: (request) => ({
    dag_run_id: request.runId,
    conf: request.conf,
    // Absent rather than null: v1 refuses null for each of these.
    ...(request.logicalDate === undefined ? {} : { logical_date: request.logicalDate }),
    ...(request.interval === undefined
      ? {}
      : { data_interval_start: request.interval.start, data_interval_end: request.interval.end }),
    ...(request.note === undefined ? {} : { note: request.note }),
  }),
  clearBody: (run, { taskIds, onlyFailed, dryRun }) => ({
    dry_run: dryRun,
    dag_run_id: run.runId,
    ...(taskIds === undefined ? {} : { task_ids: taskIds }),
    only_failed: onlyFailed,
    only_running: false,
    // v1's default is false, with which the tasks of a finished run never start.
    reset_dag_runs: true,
    include_upstream: false,
    include_downstream: false,
    include_future: false,
    include_past: false,
    include_subdags: false,
    include_parentdag: false,
  }),
  taskStateCall: ({ dagId, runId, taskId, mapIndex }, state, dryRun) => ({
    path:
      mapIndex < 0
        ? path`/dags/${dagId}/dagRuns/${runId}/taskInstances/${taskId}`
        : path`/dags/${dagId}/dagRuns/${runId}/taskInstances/${taskId}/${mapIndex}`,
    body: { dry_run: dryRun, new_state: state },
  }),
  configBody,
});
