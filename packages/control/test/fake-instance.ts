import type { BreakerState, Engine, Page, Probe, ProcessTrace } from "@airfleet/engine";
import {
  AirfleetError,
  type Dag,
  type DagId,
  type InstanceId,
  type Run,
  type RunAddress,
  type RunState,
  type TaskInstance,
  type TaskState,
  toDagId,
  toInstanceId,
  toRunId,
  toTaskId,
} from "@airfleet/model";

/** Every call that reached the instance, in order. */
export interface SeenCall {
  readonly operation: string;
  readonly args: readonly unknown[];
}

/** What a test puts in the way of a call: before it is carried out, or after, when the answer is on its way. */
export type Fault = (
  operation: string,
  when: "before" | "after",
  signal: AbortSignal | undefined,
) => Promise<void> | void;

export const aDag = (dagId: string, changes: Partial<Dag> = {}): Dag => ({
  dagId: toDagId(dagId),
  displayName: dagId,
  description: null,
  isPaused: false,
  isStale: false,
  hasImportErrors: false,
  file: `/dags/${dagId}.py`,
  fileToken: null,
  bundle: null,
  owners: ["team"],
  tags: [],
  schedule: "0 3 * * *",
  scheduleDescription: null,
  nextRun: null,
  lastParsedAt: "2026-11-20T03:00:00Z",
  maxActiveRuns: 16,
  ...changes,
});

export const aRun = (dagId: string, runId: string, changes: Partial<Run> = {}): Run => ({
  dagId: toDagId(dagId),
  runId: toRunId(runId),
  state: "queued",
  engineState: "queued",
  type: "manual",
  logicalDate: "2026-11-20T03:00:00Z",
  intervalStart: null,
  intervalEnd: null,
  runAfter: "2026-11-20T03:00:00Z",
  queuedAt: null,
  startedAt: null,
  endedAt: null,
  conf: {},
  note: null,
  triggeredBy: null,
  versionNumbers: [],
  ...changes,
});

export const aTask = (run: RunAddress, taskId: string, changes: Partial<TaskInstance> = {}): TaskInstance => ({
  ...run,
  taskId: toTaskId(taskId),
  mapIndex: -1,
  displayName: taskId,
  state: "success",
  engineState: "success",
  tryNumber: 1,
  maxTries: 0,
  operator: "BashOperator",
  pool: "default_pool",
  queue: "default",
  hostname: "worker",
  pid: 1,
  queuedAt: null,
  startedAt: null,
  endedAt: null,
  durationSeconds: null,
  note: null,
  ...changes,
});

const PROBE: Probe = {
  version: "2.11.2",
  generation: 2,
  support: "tested",
  capabilities: {
    exactlyOnce: "run_id",
    dateless: false,
    delayedStart: false,
    versions: false,
    tries: true,
    reparse: true,
    cursors: false,
    guardsActiveRuns: false,
    namesTriggeringUser: false,
    writesConfig: true,
    structuredLogs: false,
    presumeGoneSeconds: 30,
    pageLimit: 100,
  },
  health: { healthy: true, components: [] },
  latencyMs: 5,
  authenticated: true,
  clockSkewMs: 0,
};

const keyOf = ({ dagId, runId }: RunAddress): string => `${dagId} ${runId}`;

const pageOf = <T>(items: readonly T[], limit: number, after: string | undefined): Page<T> => {
  const start = after === undefined ? 0 : Number(after);
  const end = start + limit;
  return { items: items.slice(start, end), next: end < items.length ? String(end) : null, total: items.length };
};

const withState = (task: TaskInstance, state: TaskState): TaskInstance => ({ ...task, state, engineState: state });

/** One deployment in memory: what it knows outlives the engines that call it, as a real one does. */
export class FakeInstance {
  readonly id: InstanceId;
  readonly dags = new Map<string, Dag>();
  readonly runs = new Map<string, Run>();
  readonly tasks = new Map<string, TaskInstance[]>();
  /** Every try of a task, by DAG, run, task and map index. */
  readonly tries = new Map<string, TaskInstance[]>();
  readonly calls: SeenCall[] = [];
  probe: Probe = PROBE;
  fault: Fault | undefined;
  breaker: BreakerState = "closed";
  /** What the log of every try tells of its process; a stopped process is gone at once. */
  trace: ProcessTrace["kind"] = "ended";
  /** How many runs were created; a repeated trigger must not raise it. */
  created = 0;
  /** Clears that were carried out. */
  cleared = 0;
  enginesOpen = 0;

  constructor(id: string) {
    this.id = toInstanceId(id);
  }

  add(dag: Dag): this {
    this.dags.set(dag.dagId, dag);
    return this;
  }

  addRun(run: Run, tasks: readonly TaskInstance[] = []): this {
    this.runs.set(`${run.dagId} ${run.runId}`, run);
    this.tasks.set(`${run.dagId} ${run.runId}`, [...tasks]);
    return this;
  }

  count(operation: string): number {
    return this.calls.filter((call) => call.operation === operation).length;
  }

  /** An engine for it, as the control makes them. */
  engine(): Engine {
    this.enginesOpen += 1;
    return createFakeEngine(this);
  }
}

const createFakeEngine = (instance: FakeInstance): Engine => {
  const getDag = (dagId: DagId): Dag => {
    const dag = instance.dags.get(dagId);
    if (dag === undefined) throw new AirfleetError("DAG_UNKNOWN", { dag_id: dagId, instance: instance.id });
    return dag;
  };
  const getRun = (address: RunAddress): Run => {
    const run = instance.runs.get(keyOf(address));
    if (run !== undefined) return run;
    throw new AirfleetError("RUN_UNKNOWN", {
      run_id: address.runId,
      dag_id: address.dagId,
      instance: instance.id,
    });
  };
  const call = async <T>(
    operation: string,
    args: readonly unknown[],
    signal: AbortSignal | undefined,
    work: () => T,
  ): Promise<T> => {
    instance.calls.push({ operation, args });
    await instance.fault?.(operation, "before", signal);
    const answer = work();
    await instance.fault?.(operation, "after", signal);
    return answer;
  };
  const setRun = (address: RunAddress, state: RunState): Run => {
    const run: Run = { ...getRun(address), state, engineState: state };
    instance.runs.set(keyOf(address), run);
    return run;
  };
  const setTasks = (address: RunAddress, change: (task: TaskInstance) => TaskInstance): void => {
    instance.tasks.set(keyOf(address), (instance.tasks.get(keyOf(address)) ?? []).map(change));
  };
  const missing = (ability: string) =>
    new AirfleetError("CAPABILITY_MISSING", { instance: instance.id, version: "fake", ability, hint: "" });

  return {
    instance: instance.id,
    kind: "airflow",
    breaker: () => instance.breaker,
    probe: (options) => call("probe", [], options?.signal, () => instance.probe),
    capabilities: () => Promise.resolve(instance.probe.capabilities),
    listDags: (query, options) =>
      call("listDags", [query], options?.signal, () =>
        pageOf([...instance.dags.values()], query.limit ?? 100, query.after),
      ),
    getDag: (dagId, options) => call("getDag", [dagId], options?.signal, () => getDag(dagId)),
    getDagDetail: (dagId, options) =>
      call("getDagDetail", [dagId], options?.signal, () => ({
        ...getDag(dagId),
        docMd: null,
        timezone: "UTC",
        catchup: false,
        startDate: null,
        endDate: null,
        params: {},
        versionNumber: null,
      })),
    getDagSource: (dagId) => call("getDagSource", [dagId], undefined, () => "source"),
    getDagGraph: (dagId) => call("getDagGraph", [dagId], undefined, () => []),
    listDagVersions: () => Promise.reject(missing("list versions")),
    listImportErrors: (options) => call("listImportErrors", [], options?.signal, () => []),
    requestReparse: () => Promise.resolve(),
    setPaused: (dagId, paused, options) =>
      call("setPaused", [dagId, paused], options?.signal, () => {
        instance.dags.set(dagId, { ...getDag(dagId), isPaused: paused });
      }),
    trigger: (request, options) =>
      call("trigger", [request], options?.signal, () => {
        const dag = getDag(request.dagId);
        const existing = instance.runs.get(keyOf(request));
        if (existing !== undefined) return { run: existing, created: false };
        const run = aRun(dag.dagId, request.runId, { conf: request.conf });
        instance.addRun(run);
        instance.created += 1;
        return { run, created: true };
      }),
    getRun: (address, options) => call("getRun", [address], options?.signal, () => getRun(address)),
    listRuns: (query, options) =>
      call("listRuns", [query], options?.signal, () =>
        pageOf([...instance.runs.values()].toReversed(), query.limit ?? 100, query.after),
      ),
    listTaskInstances: ({ runs }, options) =>
      call("listTaskInstances", [runs], options?.signal, () =>
        runs.flatMap((run) => instance.tasks.get(keyOf(run)) ?? []),
      ),
    getTaskInstance: (address, options) =>
      call("getTaskInstance", [address], options?.signal, () => {
        const task = instance.tasks
          .get(keyOf(address))
          ?.find(({ taskId, mapIndex }) => taskId === address.taskId && mapIndex === address.mapIndex);
        if (task !== undefined) return task;
        throw new AirfleetError("TASK_UNKNOWN", { task_id: address.taskId, map_index: -1, dag_id: "", run_id: "" });
      }),
    listTries: (address, options) =>
      call("listTries", [address], options?.signal, () => {
        getRun(address);
        return instance.tries.get(`${keyOf(address)} ${address.taskId} ${address.mapIndex}`) ?? [];
      }),
    async *readLog(request) {
      instance.calls.push({ operation: "readLog", args: [request] });
      await instance.fault?.("readLog", "before", undefined);
      getRun(request);
      yield { at: null, level: null, source: null, text: `try ${request.tryNumber}` };
    },
    traceProcess: (request, options) =>
      call("traceProcess", [request], options?.signal, () => ({
        kind: instance.trace,
        at: null,
        line: instance.trace === "silent" ? null : "a line of its log",
        lines: 1,
      })),
    clear: (request, options) =>
      call("clear", [request], options?.signal, () => {
        getRun(request);
        const wanted = (task: TaskInstance): boolean =>
          (request.taskIds === undefined || request.taskIds.includes(task.taskId)) &&
          (!request.onlyFailed || task.state === "failed" || task.state === "upstream_failed");
        const chosen = (instance.tasks.get(keyOf(request)) ?? []).filter(wanted);
        if (!request.dryRun) {
          instance.cleared += 1;
          setTasks(request, (task) =>
            wanted(task) ? { ...withState(task, "none"), tryNumber: task.tryNumber + 1 } : task,
          );
          setRun(request, "queued");
        }
        const tasks = chosen.map(({ taskId, mapIndex, state }) => ({ taskId, mapIndex, stateBefore: state }));
        return { dryRun: request.dryRun, tasks };
      }),
    setTaskState: (request, options) =>
      call("setTaskState", [request], options?.signal, () => {
        if (!request.dryRun) {
          setTasks(request, (task) => (task.taskId === request.taskId ? withState(task, request.state) : task));
        }
      }),
    setRunState: (request, options) =>
      call("setRunState", [request], options?.signal, () => {
        const run = setRun(request, request.state === "queued" ? "queued" : request.state);
        setTasks(request, (task) => (task.state === "running" ? withState(task, "failed") : task));
        return run;
      }),
    deleteRun: (address, options) =>
      call("deleteRun", [address], options?.signal, () => {
        getRun(address);
        instance.runs.delete(keyOf(address));
      }),
    listConfig: (kind, options) =>
      call("listConfig", [kind], options?.signal, () => [
        { kind, key: "known", description: null, valueHash: "abc", facts: {} },
      ]),
    putConfig: (entry, options) => call("putConfig", [entry], options?.signal, () => ({ created: true })),
    deleteDag: (dagId, options) => call("deleteDag", [dagId], options?.signal, () => undefined),
    deleteConfig: (kind, key, options) => call("deleteConfig", [kind, key], options?.signal, () => undefined),
    listAuditEvents: () => Promise.resolve([]),
    close: () => {
      instance.enginesOpen -= 1;
      return Promise.resolve();
    },
  };
};
