import type { ConfigEntry, ConfigKind, DagDetail, DagId, DagVersion, EngineAuditEvent } from "@airfleet/model";
import type {
  GraphNode,
  ImportError,
  InstanceConfigInput,
  InstanceId,
  LogLine,
  Run,
  RunAddress,
} from "@airfleet/model";
import type { TaskAddress, TaskInstance } from "@airfleet/model";
import type { AuditQuery, LogRequest, NativeAnswer, NativeRead, Page, Probe, RunQuery } from "@airfleet/engine";
import type { Action, ActionIntent, ActionQuery } from "./actions/action.ts";
import type { Actor } from "./actor.ts";
import type { AlertUseCases } from "./alerts/alert-use-cases.ts";
import type { AuditPage, AuditFilter, AuditVerification } from "./audit/audit.ts";
import type { ExecutionUseCases } from "./executions/execution-use-cases.ts";
import type { PipelineWebhookUseCases } from "./executions/pipeline-webhooks.ts";
import type { ScheduleUseCases } from "./schedules/schedule-use-cases.ts";
import type { DeploymentUseCases } from "./deployments/deployment.ts";
import type { EventUseCases } from "./events/event-use-cases.ts";
import type { EventSourceUseCases } from "./inbox/event-source-use-cases.ts";
import type { ReportUseCases } from "./inbox/report-use-cases.ts";
import type { SignedReports } from "./report-sources/report-posting.ts";
import type { ReportSourceUseCases } from "./report-sources/report-source-use-cases.ts";
import type { FleetDag, FleetDagPage, FleetDagQuery } from "./fleet/fleet-dag.ts";
import type { LogUseCases } from "./logs/log-use-cases.ts";
import type { OverviewUseCases } from "./overview/overview.ts";
import type { ConnectionUseCases } from "./connections/connection-use-cases.ts";
import type { ModuleUseCases } from "./modules/module-use-cases.ts";
import type { PipelineUseCases } from "./pipelines/pipeline.ts";
import type { FleetRunUseCases } from "./runs/fleet-run.ts";
import type { FleetInstance } from "./fleet/fleet-instance.ts";
import type { RetentionUseCases } from "./retention/retention-use-cases.ts";
import type { StopUseCases } from "./stops/stop-use-cases.ts";
import type { SubjectRuleUseCases } from "./subjects/subject-rule-use-cases.ts";
import type { SubjectUseCases } from "./subjects/subject-use-cases.ts";
import type { TriggerKeyUseCases } from "./trigger-keys/trigger-key-use-cases.ts";
import type { TriggerUseCases } from "./triggers/trigger.ts";
import type { IssuedToken, Token, TokenRequest } from "./access/token.ts";
import type { WebhookUseCases } from "./webhooks/webhook-use-cases.ts";

/** Bounds of one live read. */
export interface ReadOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

/** The instances of the fleet, whatever they were configured by. */
export interface InstanceUseCases {
  /** All of them in configured order: files first, then stored ones by id. */
  list(): readonly FleetInstance[];
  /** @throws INSTANCE_UNKNOWN */
  get(id: InstanceId): FleetInstance;
  /** @throws INSTANCE_EXISTS, REQUEST_INVALID */
  create(actor: Actor, config: InstanceConfigInput): Promise<FleetInstance>;
  /** @throws INSTANCE_UNKNOWN, INSTANCE_FROM_FILE, VERSION_CONFLICT */
  update(actor: Actor, id: InstanceId, patch: Partial<InstanceConfigInput>, version: number): Promise<FleetInstance>;
  /** @throws INSTANCE_UNKNOWN, INSTANCE_FROM_FILE, VERSION_CONFLICT */
  remove(actor: Actor, id: InstanceId, version: number): Promise<void>;
  /** Asks now; an unreachable instance is an answer, not an error. */
  probe(
    id: InstanceId,
    options?: ReadOptions,
  ): Promise<{ readonly instance: FleetInstance; readonly probe: Probe | null }>;
  /** Reads the configuration files again; what is wrong in them is thrown and nothing changes. */
  reload(): Promise<void>;
}

/** What the store knows of the fleet. */
export interface FleetUseCases {
  listDags(query: FleetDagQuery): Promise<FleetDagPage>;
  /** @throws DAG_UNKNOWN */
  getDag(dagId: DagId, instances?: readonly string[]): Promise<FleetDag>;
}

/** Reads that go to the instance; the only way besides actions to call one. @throws INSTANCE_UNKNOWN, INSTANCE_DISABLED and the engine's own */
export interface LiveUseCases {
  dag(instance: InstanceId, dagId: DagId, options?: ReadOptions): Promise<DagDetail>;
  source(instance: InstanceId, dagId: DagId, options?: ReadOptions): Promise<string>;
  graph(instance: InstanceId, dagId: DagId, options?: ReadOptions): Promise<readonly GraphNode[]>;
  versions(instance: InstanceId, dagId: DagId, options?: ReadOptions): Promise<readonly DagVersion[]>;
  importErrors(instance: InstanceId, options?: ReadOptions): Promise<readonly ImportError[]>;
  runs(instance: InstanceId, query: RunQuery, options?: ReadOptions): Promise<Page<Run>>;
  run(instance: InstanceId, run: RunAddress, options?: ReadOptions): Promise<Run>;
  tasks(instance: InstanceId, run: RunAddress, options?: ReadOptions): Promise<readonly TaskInstance[]>;
  tries(instance: InstanceId, task: TaskAddress, options?: ReadOptions): Promise<readonly TaskInstance[]>;
  /** The newest try when `tryNumber` is absent. */
  log(
    instance: InstanceId,
    request: Omit<LogRequest, "tryNumber"> & { readonly tryNumber?: number },
    options?: ReadOptions,
  ): AsyncIterable<LogLine>;
  config(instance: InstanceId, kinds: readonly ConfigKind[], options?: ReadOptions): Promise<readonly ConfigEntry[]>;
  engineEvents(instance: InstanceId, query: AuditQuery, options?: ReadOptions): Promise<readonly EngineAuditEvent[]>;
  /** In the engine's own words, for the seed's routes. */
  native(instance: InstanceId, read: NativeRead, options?: ReadOptions): Promise<NativeAnswer>;
}

/** How long the caller waits, and what happens to an action that meets trouble. */
export interface PerformOptions {
  /** Milliseconds until an answer must be there. */
  readonly deadlineMs: number;
  /**
   * `fail` (the default): whatever goes wrong is final within the deadline, so that a caller who was told of a failure
   * never finds it done later. `retry`: a passing trouble leaves the action pending, to be tried again for some minutes;
   * for callers who follow the action (`Prefer: respond-async`, `wait`).
   */
  readonly onTrouble?: "fail" | "retry";
}

/** Writes: recorded, then carried out by the one executor. */
export interface ActionUseCases {
  /**
   * Records the intent with its audit row and event in one transaction, carries it out, and answers the action as it
   * stands when done or at `deadlineMs` from now. Never throws for what the instance answered: see `action.error`.
   *
   * @throws INSTANCE_UNKNOWN, INSTANCE_DISABLED, CONFIRMATION_NEEDED, RUN_ID_INVALID, IDEMPOTENCY_KEY_REUSED before anything is recorded
   */
  perform(actor: Actor, intent: ActionIntent, options: PerformOptions): Promise<Action>;
  /** @throws ACTION_UNKNOWN */
  get(id: string): Promise<Action>;
  list(query: ActionQuery): Promise<Page<Action>>;
}

export interface AuditUseCases {
  list(filter: AuditFilter): Promise<AuditPage>;
  verify(): Promise<AuditVerification>;
  /** Notes a refused attempt. */
  denied(actor: Actor, verb: string, resource: string): Promise<void>;
}

export interface AccessUseCases {
  /** @throws TOKEN_UNKNOWN, TOKEN_EXPIRED */
  authenticate(plainToken: string): Promise<Actor>;
  /** A session of a browser for a good token. @throws TOKEN_UNKNOWN, TOKEN_EXPIRED */
  openSession(
    plainToken: string,
  ): Promise<{ readonly actor: Actor; readonly session: string; readonly expiresAt: number }>;
  /** The token of a session that is not over; whether it is still good is said by `authenticate`. */
  readSession(session: string): { readonly plain: string; readonly expiresAt: number } | undefined;
  listTokens(): Promise<readonly Token[]>;
  createToken(actor: Actor, request: TokenRequest): Promise<IssuedToken>;
  /** @throws TOKEN_UNKNOWN */
  revokeToken(actor: Actor, id: string): Promise<void>;
}

/** Everything the product does, without HTTP. */
export interface Control {
  readonly instances: InstanceUseCases;
  readonly fleet: FleetUseCases;
  readonly overview: OverviewUseCases;
  readonly live: LiveUseCases;
  /** Runs as remembered. */
  readonly runs: FleetRunUseCases;
  readonly logs: LogUseCases;
  readonly actions: ActionUseCases;
  readonly stops: StopUseCases;
  readonly triggers: TriggerUseCases;
  readonly triggerKeys: TriggerKeyUseCases;
  readonly executions: ExecutionUseCases;
  readonly schedules: ScheduleUseCases;
  readonly pipelineWebhooks: PipelineWebhookUseCases;
  readonly audit: AuditUseCases;
  readonly access: AccessUseCases;
  readonly webhooks: WebhookUseCases;
  readonly alerts: AlertUseCases;
  readonly events: EventUseCases;
  /** What others tell us of runs, and where from. */
  readonly reports: ReportUseCases;
  readonly eventSources: EventSourceUseCases;
  /** Which instances may report by themselves, and what they do report. */
  readonly reportSources: ReportSourceUseCases;
  readonly signedReports: SignedReports;
  readonly subjects: SubjectUseCases;
  readonly subjectRules: SubjectRuleUseCases;
  readonly retention: RetentionUseCases;
  readonly pipelines: PipelineUseCases;
  readonly deployments: DeploymentUseCases;
  readonly modules: ModuleUseCases;
  readonly connections: ConnectionUseCases;
  /** Starts polling, taking over orphaned actions, sequencing and sweeping. */
  startReconcilers(): void;
  /** Whether the store answers. @throws STORE_UNAVAILABLE */
  checkReady(): Promise<void>;
  /** Stops claiming, lets what is in flight end until `drainMs`, releases the rest, closes engines; not the store. */
  close(options?: { readonly drainMs?: number }): Promise<void>;
}
