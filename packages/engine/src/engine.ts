import type {
  ConfigEntry,
  ConfigEntryWrite,
  ConfigKind,
  Dag,
  DagDetail,
  DagId,
  DagVersion,
  EngineAuditEvent,
  EngineKind,
  GraphNode,
  ImportError,
  InstanceId,
  LogLine,
  Run,
  RunAddress,
  StepResult,
  TaskAddress,
  TaskId,
  TaskInstance,
} from "@airfleet/model";
import type { CallOptions, Page } from "./call-options.ts";
import type { BreakerState, Capabilities, Probe } from "./capabilities.ts";
import type { NativeAnswer, NativeRead } from "./native-read.ts";
import type { ProcessTrace, TraceRequest } from "./process-trace.ts";
import type {
  AuditQuery,
  ClearRequest,
  ClearResult,
  DagQuery,
  LogRequest,
  PlanArtifact,
  RunQuery,
  RunStateRequest,
  TaskQuery,
  TaskStateRequest,
  TriggerRequest,
} from "./requests.ts";

/**
 * The port behind which every kind of deployment stands: one object per instance, safe for concurrent calls.
 *
 * Every call is bounded by a total deadline that includes retries, and retries only what is safe to repeat. Besides the
 * errors named below every call may throw INSTANCE_UNREACHABLE, INSTANCE_TIMEOUT, INSTANCE_BUSY,
 * INSTANCE_CREDENTIALS_REFUSED, INSTANCE_FORBIDDEN, INSTANCE_REDIRECTED, INSTANCE_TLS_FAILED, and SERVER_ERROR, REFUSED,
 * ANSWER_INVALID or ANSWER_TOO_LARGE behind `AIRFLOW_` or, of other engines, `INSTANCE_`; what the engine cannot do
 * throws CAPABILITY_MISSING before anything is sent.
 */
export interface Engine {
  readonly instance: InstanceId;
  readonly kind: EngineKind;

  /** Version, health, latency and abilities, read anew. Never throws for bad credentials: it says `authenticated: false`. */
  probe(options?: CallOptions): Promise<Probe>;
  /** Abilities from the last probe; probes when there was none. */
  capabilities(options?: CallOptions): Promise<Capabilities>;

  /** One page of DAGs in order of dag id, broken and stale ones included. */
  listDags(query: DagQuery, options?: CallOptions): Promise<Page<Dag>>;
  /** @throws DAG_UNKNOWN when it was never parsed; a broken or removed one is answered with its flags set. */
  getDag(dagId: DagId, options?: CallOptions): Promise<Dag>;
  /** @throws DAG_UNKNOWN */
  getDagDetail(dagId: DagId, options?: CallOptions): Promise<DagDetail>;
  /** Source text of the DAG's file. @throws DAG_UNKNOWN */
  getDagSource(dagId: DagId, options?: CallOptions): Promise<string>;
  /** The DAG's tasks with their edges. @throws DAG_UNKNOWN */
  getDagGraph(dagId: DagId, options?: CallOptions): Promise<readonly GraphNode[]>;
  /** Newest first. Needs `capabilities.versions`. @throws DAG_UNKNOWN */
  listDagVersions(dagId: DagId, options?: CallOptions): Promise<readonly DagVersion[]>;
  /** Files that do not parse, all pages. */
  listImportErrors(options?: CallOptions): Promise<readonly ImportError[]>;
  /** Asks for the DAG's file to be parsed next. Needs `capabilities.reparse`. @throws DAG_UNKNOWN */
  requestReparse(dagId: DagId, options?: CallOptions): Promise<void>;

  /** Sets the pause flag of exactly this DAG, never by pattern. Running tasks go on; nothing new starts. @throws DAG_UNKNOWN */
  setPaused(dagId: DagId, paused: boolean, options?: CallOptions): Promise<void>;
  /**
   * Deletes what the engine remembers of a DAG, its runs included; while its file is there it is parsed anew, without a
   * past. @throws DAG_UNKNOWN, DAG_ACTIVE while a task of it runs
   */
  deleteDag(dagId: DagId, options?: CallOptions): Promise<void>;

  /**
   * Starts a run under the caller's id. Repeating it is safe: when the id is there already with the same conf and date
   * the run is answered with `created: false`, and with `existed: true` when it was there before anything was sent: it
   * is then not of this call. A paused DAG accepts a run and keeps it queued.
   *
   * @throws DAG_UNKNOWN, DAG_BROKEN, CONF_INVALID, LOGICAL_DATE_INVALID, LOGICAL_DATE_TAKEN, RUN_ID_INVALID, RUN_ID_TAKEN
   */
  trigger(
    request: TriggerRequest,
    options?: CallOptions,
  ): Promise<{ readonly run: Run; readonly created: boolean; readonly existed?: boolean }>;

  /** @throws RUN_UNKNOWN */
  getRun(run: RunAddress, options?: CallOptions): Promise<Run>;
  /** @throws DAG_UNKNOWN when `dagId` names a DAG that is not there */
  listRuns(query: RunQuery, options?: CallOptions): Promise<Page<Run>>;
  /** All task instances of these runs, in order of run, task and map index. Runs that are gone contribute nothing. */
  listTaskInstances(query: TaskQuery, options?: CallOptions): Promise<readonly TaskInstance[]>;
  /** @throws TASK_UNKNOWN */
  getTaskInstance(task: TaskAddress, options?: CallOptions): Promise<TaskInstance>;
  /** Every try, oldest first, the current one last. Needs `capabilities.tries`. @throws TASK_UNKNOWN */
  listTries(task: TaskAddress, options?: CallOptions): Promise<readonly TaskInstance[]>;
  /**
   * The log of one try as it is read; leaving the loop ends the call. With `follow` it goes on until the try has ended.
   *
   * @throws LOG_UNAVAILABLE when this try does not exist or wrote nothing that can be had, TASK_UNKNOWN
   */
  readLog(request: LogRequest, options?: CallOptions): AsyncIterable<LogLine>;

  /** Clears tasks so that they run again; a finished run is queued again. @throws RUN_UNKNOWN, TASK_UNKNOWN */
  clear(request: ClearRequest, options?: CallOptions): Promise<ClearResult>;
  /** @throws TASK_UNKNOWN */
  setTaskState(request: TaskStateRequest, options?: CallOptions): Promise<void>;
  /** Marks a run; `failed` is how a run is stopped. Answers the run as read back. @throws RUN_UNKNOWN */
  setRunState(request: RunStateRequest, options?: CallOptions): Promise<Run>;
  /** Deletes a finished run with its task instances. @throws RUN_UNKNOWN, RUN_ACTIVE */
  deleteRun(run: RunAddress, options?: CallOptions): Promise<void>;

  /** Names and value hashes of one kind, all pages. */
  listConfig(kind: ConfigKind, options?: CallOptions): Promise<readonly ConfigEntry[]>;
  /** Creates an entry or replaces it. Needs `capabilities.writesConfig`. @throws CONFIG_ENTRY_INVALID */
  putConfig(entry: ConfigEntryWrite, options?: CallOptions): Promise<{ readonly created: boolean }>;
  /** Deletes an entry. Needs `capabilities.writesConfig`. @throws CONFIG_ENTRY_UNKNOWN, CONFIG_ENTRY_INVALID for one that must stay */
  deleteConfig(kind: ConfigKind, key: string, options?: CallOptions): Promise<void>;
  /** The engine's own audit log. */
  listAuditEvents(query: AuditQuery, options?: CallOptions): Promise<readonly EngineAuditEvent[]>;

  /**
   * What the log of a try tells of its process: whether the supervisor saw it gone. Absent where the engine's logs tell
   * nothing of processes. @throws LOG_UNAVAILABLE, TASK_UNKNOWN
   */
  traceProcess?(request: TraceRequest, options?: CallOptions): Promise<ProcessTrace>;

  /**
   * What the steps of a pipeline's run have left so far, by task; tasks that are no step, or left nothing yet, are
   * absent. Absent where the engine runs no pipelines. @throws RUN_UNKNOWN
   */
  readStepResults?(run: RunAddress, options?: CallOptions): Promise<ReadonlyMap<TaskId, StepResult>>;

  /**
   * Takes a compiled plan over the wire: its hash is live when this returns. Absent where the engine reads files that a
   * deploy target writes. @throws PLAN_INVALID
   */
  deployPlan?(artifact: PlanArtifact, options?: CallOptions): Promise<void>;
  /** Takes the plan away; runs in flight go on with theirs. @throws DAG_UNKNOWN */
  removePlan?(dagId: DagId, options?: CallOptions): Promise<void>;

  /** A read in the engine's own words, where the engine has some; Airflow does. */
  readNative?(read: NativeRead, options?: CallOptions): Promise<NativeAnswer>;

  /** Whether calls are let through; absent where the engine has no breaker. */
  breaker?(): BreakerState;

  /** Ends calls in flight and closes connections. */
  close(): Promise<void>;
}
