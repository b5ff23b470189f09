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

const configBody = (entry: ConfigEntryWrite, existing: Readonly<Record<string, unknown>> | null): unknown => {
  switch (entry.kind) {
    case "variable":
      return {
        key: entry.key,
        value: entry.value,
        description: entry.description ?? existing?.["description"] ?? null,
      };
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
        // A new pool is named by `name`, an existing one by `pool`; each refuses the other's key.
        ...(existing === null ? { name: entry.key } : { pool: entry.key }),
        slots: entry.slots,
        description: entry.description ?? existing?.["description"] ?? null,
        include_deferred: entry.includeDeferred ?? existing?.["include_deferred"] ?? false,
      };
    default:
      return entry satisfies never;
  }
};

/** Escapes nothing: v2's patterns know no escape, so `_` and `%` of an id match more, and the rows are filtered again. */
const containsPattern = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : `%${text}%`;

/** Airflow 3: REST v2 as 3.0 and later speak it. */
export const createV2Dialect = (version: AirflowVersion, root: Dialect["root"], pageRows: number): Dialect => {
  const cursors = isAtLeast(version, 3);
  return {
    generation: 3,
    version,
    root,
    capabilities: {
      exactlyOnce: "run_id",
      dateless: true,
      delayedStart: true,
      versions: true,
      tries: true,
      reparse: true,
      cursors,
      guardsActiveRuns: isAtLeast(version, 1, 6),
      namesTriggeringUser: isAtLeast(version, 1),
      writesConfig: true,
      structuredLogs: true,
      // 2 to 4 s at the next heartbeat.
      presumeGoneSeconds: 10,
      pageLimit: pageRows,
    },
    pageRows,
    batchRows: 1_000,
    windowRows: pageRows < 100 ? 2 * pageRows : WINDOW_ROWS,
    healthPath: path`/monitor/health`,
    shapes: SHAPES,
    dagsQuery: (query) => ({
      limit: query.limit ?? pageRows,
      offset: toOffset(query.after),
      order_by: "dag_id",
      // Broken and removed DAGs too: 3.x marks a DAG stale at its first failed parse and then hides it.
      exclude_stale: false,
      tags: query.tags,
      tags_match_mode: query.tags === undefined ? undefined : "any",
      paused: query.paused,
      dag_id_pattern: containsPattern(query.dagIdContains),
    }),
    runsQuery: (query) => {
      const start = fromPageToken(query.after);
      const isFeed = query.changedSince !== undefined;
      // By cursor a row that moves comes again at the end; by offset only the descending order never skips one.
      const place =
        isFeed && cursors
          ? { cursor: start?.kind === "cursor" ? start.cursor : "", order_by: "updated_at" }
          : { offset: start?.kind === "offset" ? start.offset : 0, order_by: isFeed ? "-updated_at" : "-id" };
      return {
        limit: query.limit ?? pageRows,
        state: toEngineStates(query.states),
        updated_at_gte: query.changedSince,
        ...place,
      };
    },
    runWindowBody: ({ dagId, states, window, limit }, offset) => ({
      page_limit: limit,
      page_offset: offset,
      order_by: "-id",
      ...(window.by === "runAfter"
        ? { run_after_gte: window.from, run_after_lte: window.to }
        : { logical_date_gte: window.from, logical_date_lte: window.to }),
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
      order_by: "id",
    }),
    triggerBody: (request) => ({
      dag_run_id: request.runId,
      conf: request.conf,
      // Must be there even when it is null; null means the run is about no date.
      logical_date: request.logicalDate ?? null,
      ...(request.runAfter === undefined ? {} : { run_after: request.runAfter }),
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
      reset_dag_runs: true,
      include_upstream: false,
      include_downstream: false,
      include_future: false,
      include_past: false,
      ...(isAtLeast(version, 1) ? { run_on_latest_version: false } : {}),
      ...(isAtLeast(version, 2) ? { prevent_running_task: false } : {}),
    }),
    taskStateCall: ({ dagId, runId, taskId, mapIndex }, state, dryRun) => {
      const task =
        mapIndex < 0
          ? path`/dags/${dagId}/dagRuns/${runId}/taskInstances/${taskId}`
          : path`/dags/${dagId}/dagRuns/${runId}/taskInstances/${taskId}/${mapIndex}`;
      return {
        // v2 has no dry_run field: without its own path it acts.
        path: dryRun ? { text: `${task.text}/dry_run`, template: `${task.template}/dry_run` } : task,
        body: {
          new_state: state,
          include_upstream: false,
          include_downstream: false,
          include_future: false,
          include_past: false,
        },
      };
    },
    configBody,
  };
};
