export type { CallOptions, Page } from "./call-options.ts";
export type { BreakerState, Capabilities, Probe } from "./capabilities.ts";
export type { Engine } from "./engine.ts";
export type { NativeAnswer, NativeRead } from "./native-read.ts";
export type {
  AuditQuery,
  ClearedTask,
  ClearRequest,
  ClearResult,
  DagQuery,
  LogRequest,
  RunQuery,
  RunStateRequest,
  TaskQuery,
  TaskStateRequest,
  TriggerRequest,
} from "./requests.ts";
