import { type ActionRepository, createActionRepository } from "./actions/actions.ts";
import type { AlertRepository } from "./alerts/alert-repository.ts";
import { createAlertRepository } from "./alerts/alerts.ts";
import { type AuditRepository, createAuditRepository } from "./audit/audit.ts";
import type { BackendName } from "./backend/profile.ts";
import type { StoreContext } from "./context.ts";
import { createDagRepository, type DagRepository } from "./dags/dags.ts";
import { createImportErrorRepository, type ImportErrorRepository } from "./dags/import-errors.ts";
import type { DeliveryRepository } from "./deliveries/delivery-repository.ts";
import { createDeliveryRepository } from "./deliveries/deliveries.ts";
import type { DeploymentRepository } from "./deployments/deployment-repository.ts";
import { createDeploymentRepository } from "./deployments/deployments.ts";
import type { DocumentRepository } from "./documents/document-repository.ts";
import { createDocumentRepository } from "./documents/documents.ts";
import { createEventRepository, type EventRepository } from "./events/events.ts";
import type { ExecutionRepository } from "./executions/execution-repository.ts";
import { createExecutionRepository } from "./executions/executions.ts";
import { createIdempotencyRepository, type IdempotencyRepository } from "./idempotency/idempotency.ts";
import { createInboxRepository, type InboxRepository } from "./inbox/inbox.ts";
import { createInstanceRepository, type InstanceRepository } from "./instances/instances.ts";
import { createKnownInstanceRepository, type KnownInstanceRepository } from "./instances/known-instances.ts";
import { createLeaseRepository, type LeaseRepository } from "./leases/leases.ts";
import { createLogArchiveRepository } from "./logs/log-archive.ts";
import type { LogArchiveRepository } from "./logs/log-archive-repository.ts";
import { createMemberRepository, type MemberRepository } from "./leases/members.ts";
import { createProbeRepository, type ProbeRepository } from "./readings/probes.ts";
import { createReadingRepository, type ReadingRepository } from "./readings/readings.ts";
import type { PipelineRepository } from "./pipelines/pipeline-repository.ts";
import { createPipelineRepository } from "./pipelines/pipelines.ts";
import { createRetentionRepository } from "./retention/retention.ts";
import type { RetentionRepository } from "./retention/retention-repository.ts";
import type { RunRepository } from "./runs/run-repository.ts";
import { createRunRepository } from "./runs/runs.ts";
import type { ScheduleRepository } from "./schedules/schedule-repository.ts";
import { createScheduleRepository } from "./schedules/schedules.ts";
import type { SubjectRepository } from "./subjects/subject-repository.ts";
import { createSubjectRepository } from "./subjects/subjects.ts";
import { createRuleApplicationRepository, type RuleApplicationRepository } from "./subjects/rule-applications.ts";
import { createRuleTallyRepository, type RuleTallyRepository } from "./subjects/rule-tallies.ts";
import { createSettingRepository, type SettingRepository } from "./settings/settings.ts";
import type { TriggerRepository } from "./triggers/trigger-repository.ts";
import { createTriggerRepository } from "./triggers/triggers.ts";
import { createStopRepository, type StopRepository } from "./stops/stops.ts";
import { createTokenRepository, type TokenRepository } from "./tokens/tokens.ts";

/** One repository per aggregate. */
export interface Repositories {
  readonly actions: ActionRepository;
  readonly alerts: AlertRepository;
  readonly audit: AuditRepository;
  readonly dags: DagRepository;
  readonly deliveries: DeliveryRepository;
  readonly deployments: DeploymentRepository;
  readonly documents: DocumentRepository;
  readonly events: EventRepository;
  readonly executions: ExecutionRepository;
  readonly idempotency: IdempotencyRepository;
  readonly importErrors: ImportErrorRepository;
  readonly inbox: InboxRepository;
  readonly instances: InstanceRepository;
  readonly knownInstances: KnownInstanceRepository;
  readonly leases: LeaseRepository;
  readonly logArchive: LogArchiveRepository;
  readonly members: MemberRepository;
  readonly pipelines: PipelineRepository;
  readonly probes: ProbeRepository;
  readonly readings: ReadingRepository;
  readonly ruleApplications: RuleApplicationRepository;
  readonly ruleTallies: RuleTallyRepository;
  readonly retention: RetentionRepository;
  readonly runs: RunRepository;
  readonly schedules: ScheduleRepository;
  readonly settings: SettingRepository;
  readonly stops: StopRepository;
  readonly subjects: SubjectRepository;
  readonly tokens: TokenRepository;
  readonly triggers: TriggerRepository;
}

/**
 * What Airfleet remembers. Every method may throw STORE_BUSY (try again) and STORE_UNAVAILABLE besides what it names;
 * the store recovers by itself when the database does.
 */
export interface Store extends Repositories, AsyncDisposable {
  readonly backend: BackendName;
  /** Whether several server processes may use it at once. */
  readonly sharedByProcesses: boolean;
  /** Whether the store takes writes now. @throws {AirfleetError} STORE_UNAVAILABLE, STORE_BUSY */
  checkReady(): Promise<void>;
  /**
   * Writes a consistent copy of everything into `file`, which must not exist, while others go on working. The portable
   * form (gzipped JSON lines) can be restored on either database; `sqlite` is a database file, on SQLite only.
   * Credentials stay encrypted in both: keep the secret key too, elsewhere.
   */
  backup(file: string, form?: "portable" | "sqlite"): Promise<BackupSummary>;
  /**
   * Fills this store, which must be empty, from a backup of either form, in one transaction.
   * @throws {AirfleetError} STORE_NOT_EMPTY, BACKUP_INVALID, SECRET_KEY_WRONG
   */
  restore(file: string): Promise<BackupSummary>;
  /**
   * Encrypts everything anew. Other servers on the same store must be stopped; this store is to be closed and opened
   * again with the new key. On SQLite the key file is replaced.
   */
  rotateSecretKey(newKey: string): Promise<void>;
  close(): Promise<void>;
}

/** What a backup holds. */
export interface BackupSummary {
  readonly form: "portable" | "sqlite";
  /** The last migration of the store it was made from. */
  readonly schema: string;
  readonly rows: Readonly<Record<string, number>>;
}

export const createRepositories = (context: StoreContext): Repositories => ({
  actions: createActionRepository(context),
  alerts: createAlertRepository(context),
  audit: createAuditRepository(context),
  dags: createDagRepository(context),
  deliveries: createDeliveryRepository(context),
  deployments: createDeploymentRepository(context),
  documents: createDocumentRepository(context),
  events: createEventRepository(context),
  executions: createExecutionRepository(context),
  idempotency: createIdempotencyRepository(context),
  importErrors: createImportErrorRepository(context),
  inbox: createInboxRepository(context),
  instances: createInstanceRepository(context),
  knownInstances: createKnownInstanceRepository(context),
  leases: createLeaseRepository(context),
  logArchive: createLogArchiveRepository(context),
  members: createMemberRepository(context),
  pipelines: createPipelineRepository(context),
  probes: createProbeRepository(context),
  readings: createReadingRepository(context),
  ruleApplications: createRuleApplicationRepository(context),
  ruleTallies: createRuleTallyRepository(context),
  retention: createRetentionRepository(context),
  runs: createRunRepository(context),
  schedules: createScheduleRepository(context),
  settings: createSettingRepository(context),
  stops: createStopRepository(context),
  subjects: createSubjectRepository(context),
  tokens: createTokenRepository(context),
  triggers: createTriggerRepository(context),
});
