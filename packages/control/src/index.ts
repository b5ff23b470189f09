export { isInScope } from "./access/instance-scope.ts";
export type { IssuedToken, Token, TokenRequest } from "./access/token.ts";
export type { Action, ActionIntent, ActionQuery, ActionState, ActionVerb, ActionWarning } from "./actions/action.ts";
export { chooseRunId } from "./actions/run-id.ts";
export type { Actor, ActorRole } from "./actor.ts";
export type { ShownAlertRule } from "./alerts/alert-rule.ts";
export type { AlertUseCases, TestedChannel } from "./alerts/alert-use-cases.ts";
export type { SmtpSettings } from "./alerts/mailer.ts";
export type { Webhook } from "./webhooks/webhook.ts";
export type { DeliveryTry, KeyedWebhook, TestedWebhook, WebhookUseCases } from "./webhooks/webhook-use-cases.ts";
export { type Clock, systemClock } from "./clock.ts";
export type { AuditEntry, AuditFilter, AuditPage, AuditVerification } from "./audit/audit.ts";
export type {
  AccessUseCases,
  ActionUseCases,
  AuditUseCases,
  Control,
  FleetUseCases,
  InstanceUseCases,
  LiveUseCases,
  PerformOptions,
  ReadOptions,
} from "./control.ts";
export type { ControlOptions } from "./control-options.ts";
export { createControl } from "./create-control.ts";
export { type ControlSettings, DEFAULT_SETTINGS } from "./control-settings.ts";
export type { ConfiguredInstance } from "./configuration/configured-instance.ts";
export { type ExplainedValue, explainConfiguration } from "./configuration/explain-configuration.ts";
export { type FollowedConfiguration, followConfiguration } from "./configuration/follow-configuration.ts";
export {
  type ConfigurationSource,
  type LoadedConfiguration,
  loadConfiguration,
} from "./configuration/load-configuration.ts";
export type { ConfigurationFlags, Environment } from "./configuration/overrides.ts";
export { resolveSecrets, resolveSetting } from "./configuration/resolve-secrets.ts";
export { ConfigurationFile, configurationJsonSchema, Settings } from "./configuration/settings.ts";
export { type ConfigurationWatch, watchConfiguration } from "./configuration/watch-configuration.ts";
export type { DeployItem, Deployment, Promotion } from "./deployments/deployment.ts";
export type { EventFilter } from "./events/event-filter.ts";
export type { EventFollowing, EventListener } from "./events/event-hub.ts";
export type { EventRequest, EventUseCases } from "./events/event-use-cases.ts";
export type { EventSourceUseCases, KeptEventSource } from "./inbox/event-source-use-cases.ts";
export type { Reception } from "./inbox/inbox.ts";
export type { ReportReceipt, SignedReports } from "./report-sources/report-posting.ts";
export type { Arrival } from "./report-sources/reception-log.ts";
export type { KeptReportSource, ReportSourceUseCases } from "./report-sources/report-source-use-cases.ts";
export type { ReportUseCases } from "./inbox/report-use-cases.ts";
export type {
  FleetDag,
  FleetDagCell,
  FleetDagPage,
  FleetDagQuery,
  InstanceFreshness,
  LastRun,
} from "./fleet/fleet-dag.ts";
export { dagPage, runPage, taskPage } from "./fleet/engine-pages.ts";
export { selectDags, selectInstances } from "./fleet/select.ts";
export type {
  MatrixCell,
  MatrixPage,
  MatrixRow,
  Overview,
  OverviewInstance,
  OverviewUseCases,
  Wrong,
} from "./overview/overview.ts";
export type { ScanEstimate } from "./deployments/deployment.ts";
export type { ReportedRun } from "./runs/reported-run.ts";
export type { CanSee, FleetRun, FleetRunQuery, FleetRunUseCases, FleetTasks } from "./runs/fleet-run.ts";
export type { CollectedLogs } from "./executions/execution-logs.ts";
export type { ExecuteRequest, ExecutionTicket, ExecutionUseCases } from "./executions/execution-use-cases.ts";
export type { PipelineWebhook, PipelineWebhookUseCases } from "./executions/pipeline-webhooks.ts";
export type { ScheduleRequest } from "./schedules/schedule-request.ts";
export type { ScheduleUseCases, ShownSchedule } from "./schedules/schedule-use-cases.ts";
export type { FleetInstance, InstanceStatus } from "./fleet/fleet-instance.ts";
export type { CreateEngine } from "./fleet/instance-registry.ts";
export { type Logger, silentLogger } from "./logger.ts";
export type { LogUseCases, LogWish, OpenedLog } from "./logs/log-use-cases.ts";
export { type Metrics, noMetrics } from "./metrics.ts";
export type {
  ConnectionCheck,
  ConnectionInput,
  ConnectionUseCases,
  KeptConnection,
} from "./connections/connection-use-cases.ts";
export { createConnectionFinder, type Variables } from "./connections/find-connection.ts";
export { loadModuleFolders } from "./modules/load-module-folders.ts";
export type { LoadedModules, LoadModules, RefusedModule } from "./modules/module-library.ts";
export type { KnownModule, ModuleFilter, ModuleUseCases } from "./modules/module-use-cases.ts";
export {
  type ChangeOptions,
  type ComparedVersions,
  type CompiledArtifact,
  type CompileTarget,
  type PipelineDraft,
  type PipelinePatch,
  type PipelineUseCases,
  type ReadyPipeline,
} from "./pipelines/pipeline.ts";
export { toDagName } from "@airfleet/compiler";
export type { AirflowRuntime } from "./pipelines/compile-artifact.ts";
export { type JudgedDraft, judgeDraft } from "./pipelines/judge-draft.ts";
export type { PipelineValidation } from "./pipelines/pipeline-validation.ts";
export type { RetentionPreview } from "./retention/preview-retention.ts";
export type { SweepProgress, SweepReport } from "./retention/retention-sweep.ts";
export type { KeptRetentionPolicy, RetentionUseCases } from "./retention/retention-use-cases.ts";
export type { RuleMatches } from "./subjects/match-stored-runs.ts";
export type { SubjectMatcher } from "./subjects/subject-matcher.ts";
export type { KeptSubjectRule, SubjectRuleUseCases } from "./subjects/subject-rule-use-cases.ts";
export type { StopList, StopManyRequest, StopTargets, StopTicket, StopUseCases } from "./stops/stop-use-cases.ts";
export type { SubjectUseCases } from "./subjects/subject-use-cases.ts";
export type { KeptTriggerKey, TriggerKeyUseCases } from "./trigger-keys/trigger-key-use-cases.ts";
export type { SignatureVerdict, TriggerRequestBody } from "./trigger-keys/trigger-signatures.ts";
export {
  PLACES_PER_ITEM,
  type TriggerAsk,
  type TriggerGoal,
  type TriggerTerms,
  type TriggerTicket,
  type TriggerUseCases,
} from "./triggers/trigger.ts";
export type { TriggerKeep } from "./triggers/trigger-retention.ts";
export { toTriggerSettings } from "./configuration/trigger-settings.ts";
