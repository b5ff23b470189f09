export {
  ALERT_CONDITIONS,
  AlertChannel,
  type AlertCondition,
  AlertRuleDefinition,
} from "./alerts/alert-rule-definition.ts";
export {
  AirfleetError,
  type AirfleetErrorOptions,
  type ErrorDetails,
  type ErrorFinding,
  isAirfleetError,
} from "./errors/airfleet-error.ts";
export { ERROR_CATALOGUE, type ErrorCode } from "./errors/catalogue.ts";
export type { ErrorDefinition } from "./errors/definition.ts";
export { EVENT_FAMILIES, EVENT_KINDS } from "./events/event-kinds.ts";
export {
  type ActionId,
  type DagId,
  INSTANCE_ID_PATTERN,
  type InstanceId,
  type RunAddress,
  type RunId,
  type RunKey,
  type TaskAddress,
  type TaskId,
  toActionId,
  toDagId,
  toInstanceId,
  type TokenId,
  toRunId,
  toRunKey,
  toTaskId,
  toTokenId,
  toTriggerId,
  type TriggerId,
} from "./ids.ts";
export { EventSource, type EventSourceInput, type SqsSource } from "./inbox/event-source.ts";
export {
  ReportSource,
  type ReportSourceInput,
  SIGNATURE_ALGORITHMS,
  type SignatureAlgorithm,
  VerificationKey,
} from "./inbox/report-source.ts";
export {
  NativeReport,
  REPORT_FORMATS,
  type ReportedDetails,
  type ReportedTask,
  type ReportFormat,
  type RunReport,
} from "./inbox/run-report.ts";
export {
  ENGINE_KINDS,
  type EngineKind,
  InstanceAuth,
  InstanceConfig,
  type InstanceConfigInput,
  InstanceLimits,
  InstanceTls,
  type Tier,
  TIERS,
} from "./instance/instance-config.ts";
export {
  type ReadSecret,
  type ResolvedDeployConfig,
  type ResolvedInstanceAuth,
  type ResolvedInstanceConfig,
  type ResolvedInstanceTls,
  resolveInstanceConfig,
} from "./instance/resolved-instance-config.ts";
export { SecretReference } from "./instance/secret-reference.ts";
export { choosePolicy, orderPolicies, type PolicyPlace } from "./retention/choose-policy.ts";
export {
  MOST_EDGES,
  MOST_NODES,
  NODE_TYPES,
  NodeData,
  NodeRetry,
  type NodeType,
  type PipelineConfig,
  PipelineEdge,
  PipelineNode,
} from "./pipelines/pipeline-config.ts";
export { connectionVariables, parseAirflowConnection } from "./connections/parse-airflow-connection.ts";
export { Connection, CONNECTION_KINDS, type ConnectionKind } from "./connections/connection.ts";
export { DeployConfig } from "./deployments/deploy-config.ts";
export { DEPLOYMENT_STATES, type DeploymentState } from "./deployments/deployment-state.ts";
export {
  PIPELINE_FINDING_TYPES,
  type PipelineFinding,
  type PipelineFindingType,
} from "./pipelines/pipeline-finding.ts";
export {
  diffPipelines,
  type DrawnChange,
  type DrawnDifference,
  type FieldChange,
  type PipelineDifference,
} from "./pipelines/diff-pipelines.ts";
export { isNestedDeeper, MOST_LEVELS } from "./json/nesting.ts";
export {
  isOnSchedule,
  PIPELINE_STATUSES,
  type PipelineContent,
  type PipelineStatus,
} from "./pipelines/pipeline-content.ts";
export { type ParsedPipelineConfig, parsePipelineConfig } from "./pipelines/parse-pipeline-config.ts";
export type {
  ColumnPart,
  Connector,
  EachColumn,
  Plan,
  PlanOptions,
  PlanSchedule,
  PlanValue,
  SqlCheck,
  SqlText,
  Step,
  StepBody,
  StepInput,
  WriteMode,
} from "./plans/plan.ts";
export { StepResult, TableReference } from "./plans/step-result.ts";
export {
  decideRetention,
  type RetentionDecision,
  type RetentionSay,
  type RunToJudge,
} from "./retention/decide-retention.ts";
export { judgeNeeds, type RetainedRun } from "./retention/needed-runs.ts";
export {
  type NamedPolicy,
  RETENTION_RULES,
  RetentionPolicy,
  type RetentionPolicyInput,
  RetentionRule,
  type RetentionRuleName,
  RetentionScope,
} from "./retention/retention-policy.ts";
export { mergeObservation } from "./runs/merge-observation.ts";
export {
  GONE_BY,
  type GoneBy,
  type GoneProof,
  PROCESS_GONE,
  type ProcessGone,
  type StoppedTask,
} from "./runs/stopped-task.ts";
export {
  OBSERVATION_SOURCES,
  type ObservationSource,
  type RunHearsay,
  type RunObservation,
  type RunReading,
  type RunRecord,
} from "./runs/run-record.ts";
export { checkNewRunId, RESERVED_RUN_ID_PREFIXES, RUN_ID_PATTERN } from "./run-id-rules.ts";
export {
  dagIdsNamed,
  matchesDag,
  matchesInstance,
  type SelectableDag,
  type SelectableInstance,
  termsAbout,
} from "./selector/match-selector.ts";
export { parseSelector } from "./selector/parse-selector.ts";
export { printSelector } from "./selector/print-selector.ts";
export { type RunCondition, toRunCondition } from "./selector/run-condition.ts";
export { type Selector, type SelectorScope, type SelectorTerm } from "./selector/selector.ts";
export { readMoment, readSpan } from "./selector/time-words.ts";
export {
  canRunMove,
  fromAirflowRunState,
  isTerminalRunState,
  RUN_STATES,
  type RunState,
  TERMINAL_RUN_STATES,
} from "./states/run-state.ts";
export {
  fromAirflowTaskState,
  isTerminalTaskState,
  SETTABLE_RUN_STATES,
  SETTABLE_TASK_STATES,
  type SettableRunState,
  type SettableTaskState,
  TASK_STATES,
  type TaskState,
} from "./states/task-state.ts";
export {
  FINAL_TRIGGER_STATES,
  isFinalTriggerState,
  TRIGGER_STATES,
  type TriggerState,
} from "./states/trigger-state.ts";
export {
  EXECUTION_STATUSES,
  EXECUTION_TRIGGERS,
  type ExecutionPlace,
  type ExecutionStatus,
  type ExecutionTrigger,
  type NodeResult,
  toExecutionRunId,
  toExecutionStatus,
} from "./executions/execution.ts";
export { type Calendar, createCalendar } from "./schedules/calendar.ts";
export { CRON_PRESETS } from "./schedules/cron-fields.ts";
export {
  createTicks,
  MISSED_POLICIES,
  type MissedPolicy,
  nextTicks,
  SCHEDULE_FREQUENCIES,
  type ScheduleFrequency,
  SCHEDULERS,
  type Scheduler,
  type ScheduleTimes,
  type ScheduleTiming,
  type Ticks,
  toCronExpression,
} from "./schedules/schedule-definition.ts";
export { type CompiledSubjectRule, compileSubjectRule, type RuleOutcome } from "./subjects/compile-subject-rule.ts";
export { type RunFacts, toRunFacts } from "./subjects/run-facts.ts";
export {
  parseStateWords,
  STATE_WORD_TABLES,
  type StateWords,
  type StateWordTable,
} from "./subjects/state-words.ts";
export {
  SUBJECT_LABEL_LIMIT,
  SUBJECT_URL_LIMIT,
  subjectIdMistake,
  subjectRefMistake,
  subjectUrlMistake,
} from "./subjects/subject-ref-rules.ts";
export { SubjectRule, type SubjectRuleFields, type SubjectRuleInput } from "./subjects/subject-rule.ts";
export { suggest, suggestOrList } from "./text/suggest.ts";
export { CONF_DEPTH, checkConf } from "./triggers/conf-rules.ts";
export { slashesToColons, toMicrosecondText, toPrefixedRunId } from "./triggers/prefixed-run-id.ts";
export { NOTE_LIMIT, toTriggerNote } from "./triggers/trigger-note.ts";
export { TriggerKey, type TriggerKeyInput } from "./triggers/trigger-key.ts";
export { WEBHOOK_EVENTS, WebhookDefinition, type WebhookEvent } from "./webhooks/webhook-definition.ts";
export { toBase32 } from "./text/base32.ts";
export { matchesGlob } from "./text/glob.ts";
export {
  CONFIG_KINDS,
  type ConfigEntry,
  type ConfigEntryWrite,
  type ConfigKind,
  type EngineAuditEvent,
} from "./work/config-entry.ts";
export type { Dag, DagDetail, DagVersion, GraphNode, ImportError, Instant, NextRun } from "./work/dag.ts";
export type { ComponentHealth, InstanceHealth } from "./work/instance-health.ts";
export { LOG_LEVELS, type LogLevel, type LogLine } from "./work/log-line.ts";
export { type Run, RUN_TYPES, type RunType } from "./work/run.ts";
export { SUBJECT_ID_LIMIT, SUBJECT_TYPE_PATTERN, type SubjectRef, SUBJECTS_PER_RUN } from "./work/subject.ts";
export type { TaskInstance } from "./work/task-instance.ts";
