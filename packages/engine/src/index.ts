export { type CallOptions, type Exchange, EXCHANGE_ANSWER_LIMIT, type Page } from "./call-options.ts";
export { type BreakerState, type Capabilities, ENGINE_GAPS, type EngineGap, type Probe } from "./capabilities.ts";
export type { Claim } from "./conformance/claim.ts";
export { applicableClaims, conformanceClaims } from "./conformance/conformance-claims.ts";
export { type ClaimContext, type ConformanceSession, openConformanceSession } from "./conformance/context.ts";
export { BIG_LOG_LINES, BROKEN_FILE, FIXTURES, MANY_DAGS, manyDag } from "./conformance/fixtures.ts";
export type { ConformanceHost, DagFiles, OpenEngine } from "./conformance/host.ts";
export type { Engine } from "./engine.ts";
export type { NativeAnswer, NativeRead } from "./native-read.ts";
export type { ProcessTrace, TraceRequest } from "./process-trace.ts";
export { isHollowSuccess } from "./hollow-success.ts";
export { type RunWindow, WINDOW_ROWS } from "./requests.ts";
export type {
  AuditQuery,
  ClearedTask,
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
