import type { ApiPath, Query } from "@airfleet/http";
import type {
  AuditQuery,
  Capabilities,
  ClearedTask,
  DagQuery,
  RunQuery,
  RunWindow,
  TriggerRequest,
} from "@airfleet/engine";
import type {
  ConfigEntry,
  ConfigEntryWrite,
  ConfigKind,
  Dag,
  DagDetail,
  EngineAuditEvent,
  GraphNode,
  ImportError,
  InstanceHealth,
  Run,
  RunAddress,
  TaskAddress,
  TaskInstance,
} from "@airfleet/model";
import type { z } from "zod";
import type { AirflowVersion, Generation } from "./airflow-version.ts";

/** Rows of one answer, in normal form. */
export interface Rows<Row> {
  readonly rows: readonly Row[];
  readonly total: number | null;
  /** Cursor of the next page where the answer has one. */
  readonly nextCursor: string | null;
}

/** The shapes of answers, each parsed straight into the normal form. */
export interface AnswerShapes {
  readonly dag: z.ZodType<Dag>;
  readonly dagDetail: z.ZodType<DagDetail>;
  readonly dags: z.ZodType<Rows<Dag>>;
  readonly tasks: z.ZodType<Rows<GraphNode>>;
  readonly run: z.ZodType<Run>;
  readonly runs: z.ZodType<Rows<Run>>;
  readonly taskInstance: z.ZodType<TaskInstance>;
  readonly taskInstances: z.ZodType<Rows<TaskInstance>>;
  readonly cleared: z.ZodType<Rows<ClearedTask>>;
  readonly importErrors: z.ZodType<Rows<ImportError>>;
  readonly config: Readonly<Record<ConfigKind, z.ZodType<Rows<ConfigEntry>>>>;
  readonly auditEvents: z.ZodType<Rows<EngineAuditEvent>>;
  readonly health: z.ZodType<InstanceHealth>;
}

/** How a state is set on one task instance. */
export interface TaskStateCall {
  readonly path: ApiPath;
  readonly body: unknown;
}

/** What is different between the two REST generations; everything else is written once, on top of this. */
export interface Dialect {
  readonly generation: Generation;
  readonly version: AirflowVersion;
  readonly root: "/api/v1" | "/api/v2" | "";
  readonly capabilities: Capabilities;
  /** Rows per page where the server caps pages, and where it does not (the POST lists). */
  readonly pageRows: number;
  readonly batchRows: number;
  /** Rows per page of the runs within a window. */
  readonly windowRows: number;
  readonly healthPath: ApiPath;
  readonly shapes: AnswerShapes;
  dagsQuery(query: DagQuery): Query;
  runsQuery(query: RunQuery): Query;
  /** Body of the list of runs within a window, newest created first. */
  runWindowBody(query: RunQuery & { readonly window: RunWindow }, offset: number): Readonly<Record<string, unknown>>;
  auditQuery(query: AuditQuery): Query;
  /** Body of the batched task instance list. */
  taskListBody(page: { dagIds: string[]; runIds: string[]; offset: number; limit: number }): unknown;
  triggerBody(request: TriggerRequest): unknown;
  clearBody(run: RunAddress, options: { taskIds?: readonly string[]; onlyFailed: boolean; dryRun: boolean }): unknown;
  taskStateCall(task: TaskAddress, state: string, dryRun: boolean): TaskStateCall;
  /** Bodies that create a config entry, and that replace one. */
  configBody(entry: ConfigEntryWrite, existing: Readonly<Record<string, unknown>> | null): unknown;
}
