import type { FleetDag } from "@airfleet/control";
import type { Probe } from "@airfleet/engine";
import {
  type Dag,
  type GraphNode,
  type LogLine,
  type Run,
  type TaskInstance,
  toDagId,
  toInstanceId,
  toRunId,
  toTaskId,
} from "@airfleet/model";

const AT = "2026-11-20T03:00:00.123456Z";

export const orders: Dag = {
  dagId: toDagId("orders"),
  displayName: "Orders",
  description: "loads orders",
  isPaused: false,
  isStale: false,
  hasImportErrors: false,
  file: "orders.py",
  fileToken: "t",
  bundle: null,
  owners: ["airflow"],
  tags: ["tier1"],
  schedule: "0 3 * * *",
  scheduleDescription: "At 03:00",
  nextRun: { logicalDate: AT, intervalStart: AT, intervalEnd: AT, runAfter: AT },
  lastParsedAt: AT,
  maxActiveRuns: 16,
};

export const fleetDag: FleetDag = {
  dagId: orders.dagId,
  tags: ["tier1"],
  cells: [
    {
      instance: toInstanceId("client1"),
      dag: orders,
      lastRun: { runId: toRunId("r"), state: "success", logicalDate: null, startedAt: AT, endedAt: AT },
      observedAt: 1_700_000_000_000,
      stale: false,
    },
  ],
  instances: [{ instance: toInstanceId("client1"), observedAt: null, stale: true, error: "INSTANCE_UNREACHABLE" }],
};

export const run: Run = {
  dagId: orders.dagId,
  runId: toRunId("run-1"),
  state: "failed",
  engineState: "failed",
  type: "manual",
  logicalDate: AT,
  intervalStart: null,
  intervalEnd: null,
  runAfter: null,
  queuedAt: null,
  startedAt: "2026-11-20T03:00:00Z",
  endedAt: "2026-11-20T03:00:02.5Z",
  conf: { a: { b: [1] } },
  note: null,
  triggeredBy: null,
  versionNumbers: [1],
};

export const taskInstance: TaskInstance = {
  dagId: orders.dagId,
  runId: run.runId,
  taskId: toTaskId("load"),
  mapIndex: -1,
  displayName: "load",
  state: "up_for_retry",
  engineState: "up_for_retry",
  tryNumber: 1,
  maxTries: 3,
  operator: "BashOperator",
  pool: "default_pool",
  queue: null,
  hostname: null,
  pid: 7,
  queuedAt: null,
  startedAt: AT,
  endedAt: null,
  durationSeconds: 1.5,
  note: null,
};

export const graphNode: GraphNode = {
  taskId: taskInstance.taskId,
  displayName: "load",
  operator: null,
  isMapped: false,
  triggerRule: "all_success",
  retries: 2,
  downstream: [toTaskId("report")],
};

export const probe: Probe = {
  version: "3.3.2",
  generation: 3,
  support: "tested",
  capabilities: {
    exactlyOnce: "run_id",
    dateless: true,
    delayedStart: true,
    versions: true,
    tries: true,
    reparse: true,
    cursors: true,
    guardsActiveRuns: true,
    namesTriggeringUser: true,
    writesConfig: true,
    structuredLogs: true,
    presumeGoneSeconds: 30,
    pageLimit: 100,
  },
  health: { healthy: true, components: [{ name: "scheduler", status: "healthy", heartbeatAt: AT }] },
  latencyMs: 3,
  authenticated: true,
  clockSkewMs: null,
};

export async function* logLines(): AsyncGenerator<LogLine> {
  for (const text of ["one", "two", "drei"]) yield { at: AT, level: "info", source: null, text };
}
