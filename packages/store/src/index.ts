export {
  ACTION_STATES,
  type ActionLease,
  type ActionState,
  type ActionWarning,
  type FinishedActionState,
  type LeasedAction,
  type StoredAction,
} from "./actions/action.ts";
export type { ActionQuery, ActionRepository } from "./actions/actions.ts";
export type { ActionOutcome } from "./actions/finish-action.ts";
export type { ClaimRequest, LeaseReference } from "./actions/lease-actions.ts";
export type { NewAction, RecordedAction, RecordOptions } from "./actions/record-action.ts";
export {
  ALERT_STATES,
  type AlertChange,
  type AlertFacts,
  type AlertFinding,
  type AlertHistoryEntry,
  type AlertQuery,
  type AlertRepository,
  type AlertState,
  type StoredAlert,
} from "./alerts/alert-repository.ts";
export { AUDIT_OUTCOMES, type AuditEntry, type AuditNote, type AuditOutcome } from "./audit/audit-entry.ts";
export type { AuditQuery, AuditRepository } from "./audit/audit.ts";
export { assertAuditWhole, type AuditVerification } from "./audit/verify-audit.ts";
export type { BackendName } from "./backend/profile.ts";
export type { Clock } from "./clock.ts";
export type { DagCell, LastRun } from "./dags/dag-row.ts";
export type { DagSweep } from "./dags/dag-sweep.ts";
export type { DagRepository } from "./dags/dags.ts";
export type { FleetFilter } from "./dags/fleet-filter.ts";
export type { FleetDag, FleetPage, FleetQuery } from "./dags/fleet-list.ts";
export type { HeldRunCount, LiveRunCount, OpenFailureCount } from "./runs/run-counts.ts";
export type { ImportErrorRepository, StoredImportError } from "./dags/import-errors.ts";
export {
  DELIVERY_STATES,
  type DeliveryAttempt,
  type DeliveryBacklog,
  type DeliveryRepository,
  type DeliveryState,
  type DeliveryVerdict,
  type LeasedDelivery,
  type NewDelivery,
  type StoredDelivery,
} from "./deliveries/delivery-repository.ts";
export {
  type ArtifactLine,
  type DeploymentChange,
  type DeploymentError,
  type DeploymentOrigin,
  type DeploymentProgress,
  type DeploymentQuery,
  type DeploymentRepository,
  type NewArtifact,
  type NewDeployment,
  type StoredArtifact,
  type StoredDeployment,
  type StoredRuntime,
} from "./deployments/deployment-repository.ts";
export {
  DOCUMENT_KINDS,
  type DocumentAuthor,
  type DocumentKind,
  type DocumentRepository,
  type DocumentWrite,
  type StoredDocument,
} from "./documents/document-repository.ts";
export type { EventNote, EventRange, EventRepository, StoredEvent } from "./events/events.ts";
export {
  IDEMPOTENCY_TTL_MS,
  type IdempotencyClaim,
  type IdempotencyRepository,
  type IdempotencyVerdict,
  type KeyedRequest,
  type StoredAnswer,
} from "./idempotency/idempotency.ts";
export type { Confirmation } from "./inbox/confirmations.ts";
export type { InboxRepository } from "./inbox/inbox.ts";
export type { NewRejectedReport, RejectedReportQuery, StoredRejectedReport } from "./inbox/rejected-reports.ts";
export type { Arrival, ArrivalOutcome, ArrivalQuery } from "./inbox/arrivals.ts";
export type { KnownRun } from "./inbox/known-runs.ts";
export type { ReportedDetail, ReportedPart } from "./inbox/reported-details.ts";
export type { NewReportedTask, StoredReportedTask } from "./inbox/reported-tasks.ts";
export { type KeptReport, type NewReport, REPORT_KINDS, type ReportKind, type StoredReport } from "./inbox/reports.ts";
export type { SettledReports } from "./inbox/settle-reports.ts";
export type { WaitingReport } from "./inbox/waiting-reports.ts";
export type { InstanceRepository, StoredInstance } from "./instances/instances.ts";
export type { KnownInstance, KnownInstanceRepository } from "./instances/known-instances.ts";
export type { Lease, LeaseRepository } from "./leases/leases.ts";
export type { Member, MemberRepository } from "./leases/members.ts";
export type { StoreLogger } from "./logger.ts";
export {
  type NewStop,
  STOP_STAGES,
  type StopChange,
  type StopRepository,
  type StopStage,
  type StoredStop,
} from "./stops/stops.ts";
export {
  EXECUTION_STAGES,
  type ExecutionFilter,
  type ExecutionLease,
  type ExecutionMetrics,
  type ExecutionNews,
  type ExecutionQuery,
  type ExecutionRepository,
  type ExecutionStage,
  type LeasedExecution,
  type NewExecution,
  type ScheduleTally,
  type StoredExecution,
} from "./executions/execution-repository.ts";
export type {
  LeasedSchedule,
  ScheduleDefinition,
  ScheduleFilter,
  ScheduleQuery,
  ScheduleRepository,
  ScheduleWrite,
  ServedTicks,
  StoredSchedule,
} from "./schedules/schedule-repository.ts";
export { openStore, type OpenStoreOptions } from "./open-store.ts";
export type {
  NewPipeline,
  PipelineChange,
  PipelineFilter,
  PipelineQuery,
  PipelineRepository,
  PipelineSummary,
  PipelineTermKind,
  PipelineUses,
  StoredPipeline,
  StoredPipelineVersion,
} from "./pipelines/pipeline-repository.ts";
export type { StorePage } from "./paging/cursor.ts";
export { BREAKER_STATES, type BreakerState, type ProbeRepository, type StoredProbe } from "./readings/probes.ts";
export type { Reading, ReadingError, ReadingRepository } from "./readings/readings.ts";
export type {
  RetentionCandidate,
  RetentionPage,
  RetentionPolicyFacts,
  RetentionQuery,
  RetentionReason,
  RetentionRepository,
} from "./retention/retention-repository.ts";
export { runKeyOf, type RunPlace } from "./runs/run-key.ts";
export type {
  ObserveRequest,
  RunChange,
  RunFilter,
  RunListQuery,
  RunRepository,
  StoredObservation,
  StoredRun,
  StoredTask,
} from "./runs/run-repository.ts";
export {
  SUBJECT_STATES,
  type StoredSubject,
  type SubjectQuery,
  type SubjectRepository,
  type SubjectRun,
  type SubjectState,
} from "./subjects/subject-repository.ts";
export {
  type AppliedRule,
  RULE_APPLICATION_STATES,
  type RuleApplication,
  type RuleApplicationProgress,
  type RuleApplicationRepository,
  type RuleApplicationState,
} from "./subjects/rule-applications.ts";
export type { RuleTally, RuleTallyRepository } from "./subjects/rule-tallies.ts";
export type {
  ArchivedLog,
  ArchivedTry,
  EventVerdict,
  FollowedEvent,
  LogArchiveRepository,
  LogChunk,
  QueuedRun,
} from "./logs/log-archive-repository.ts";
export { generateSecretKey } from "./secrets/secret-key.ts";
export type { SettingRepository } from "./settings/settings.ts";
export type { BackupSummary, Repositories, Store } from "./store.ts";
export type { JsonObject } from "./text/stored-json.ts";
export type { SentRequest } from "./triggers/close-attempts.ts";
export type { TriggerEnd } from "./triggers/follow-action.ts";
export type { StoredTrigger, StoredTriggerAttempt } from "./triggers/trigger.ts";
export type {
  CancelRequest,
  NewTrigger,
  NewTriggerFacts,
  NewTriggerRequest,
  RecordedTriggerRequest,
  RefusedItem,
  StoredTriggerRequest,
  TriggerQuery,
  TriggerRepository,
} from "./triggers/trigger-repository.ts";
export { type NewToken, type StoredToken, TOKEN_ROLES, type TokenRepository, type TokenRole } from "./tokens/tokens.ts";
