import type { RouteOutput, ROUTES } from "@airfleet/contract";
import {
  type FleetDag,
  type FleetDagCell,
  type FleetInstance,
  type InstanceFreshness,
  type LastRun,
  dagPage,
} from "@airfleet/control";
import type { Dag, DagDetail, DagVersion, GraphNode, ImportError, NextRun } from "@airfleet/model";
import { toInstant, toInstantOrNull } from "./instants.ts";

type DagRow = RouteOutput<typeof ROUTES.listDags>["items"][number];
type DagCell = DagRow["cells"][number];

const toNextRunView = (next: NextRun | null): DagCell["next_run"] =>
  next === null
    ? null
    : {
        logical_date: next.logicalDate,
        data_interval_start: next.intervalStart,
        data_interval_end: next.intervalEnd,
        run_after: next.runAfter,
      };

const toLastRunView = (run: LastRun | null): DagCell["last_run"] =>
  run === null
    ? null
    : {
        dag_run_id: run.runId,
        state: run.state,
        logical_date: run.logicalDate,
        started_at: run.startedAt,
        ended_at: run.endedAt,
      };

const toCell = (
  dag: Dag,
  seen: {
    readonly instance: string;
    readonly lastRun: LastRun | null;
    readonly observedAt: number;
    readonly stale: boolean;
  },
): DagCell => ({
  instance: seen.instance,
  display_name: dag.displayName,
  description: dag.description,
  is_paused: dag.isPaused,
  is_stale: dag.isStale,
  has_import_errors: dag.hasImportErrors,
  file: dag.file,
  owners: [...dag.owners],
  tags: [...dag.tags],
  schedule: dag.schedule,
  schedule_description: dag.scheduleDescription,
  next_run: toNextRunView(dag.nextRun),
  last_run: toLastRunView(seen.lastRun),
  last_parsed_at: dag.lastParsedAt,
  observed_at: toInstant(seen.observedAt),
  stale: seen.stale,
});

export const toDagCell = (cell: FleetDagCell): DagCell => toCell(cell.dag, cell);

export const toDagRow = (row: Omit<FleetDag, "instances">): DagRow => ({
  dag_id: row.dagId,
  tags: [...row.tags],
  cells: row.cells.map(toDagCell),
});

export const toFreshnessView = (
  freshness: InstanceFreshness,
): RouteOutput<typeof ROUTES.listDags>["instances"][number] => ({
  instance: freshness.instance,
  observed_at: toInstantOrNull(freshness.observedAt),
  stale: freshness.stale,
  error: freshness.error,
});

/** A DAG that was read just now, at `readAt` (epoch milliseconds). */
export const toDagDetailView = (
  instance: FleetInstance,
  dag: DagDetail,
  readAt: number,
): RouteOutput<typeof ROUTES.getDag> => ({
  ...toCell(dag, { instance: instance.id, lastRun: null, observedAt: readAt, stale: false }),
  dag_id: dag.dagId,
  doc_md: dag.docMd,
  timezone: dag.timezone,
  catchup: dag.catchup,
  start_date: dag.startDate,
  end_date: dag.endDate,
  params: { ...dag.params },
  version_number: dag.versionNumber,
  ui_url: dagPage(instance, dag.dagId),
});

export const toGraphView = (
  instance: FleetInstance,
  dagId: string,
  nodes: readonly GraphNode[],
): RouteOutput<typeof ROUTES.getDagGraph> => ({
  dag_id: dagId,
  instance: instance.id,
  nodes: nodes.map((node) => ({
    task_id: node.taskId,
    display_name: node.displayName,
    operator: node.operator,
    is_mapped: node.isMapped,
    trigger_rule: node.triggerRule,
    retries: node.retries,
  })),
  edges: nodes.flatMap((node) => node.downstream.map((target) => ({ source: node.taskId, target }))),
});

export const toVersionView = (version: DagVersion): RouteOutput<typeof ROUTES.listDagVersions>["items"][number] => ({
  number: version.number,
  bundle: version.bundle,
  bundle_version: version.bundleVersion,
  created_at: version.createdAt,
});

export const toImportErrorView = (
  instance: string,
  error: ImportError,
): RouteOutput<typeof ROUTES.listImportErrors>["items"][number] => ({
  id: error.id,
  instance,
  file: error.file,
  bundle: error.bundle,
  stack_trace: error.stackTrace,
  at: error.at,
});
