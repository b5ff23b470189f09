import { createHash } from "node:crypto";
import {
  AirfleetError,
  type DagId,
  type Instant,
  type ReportedDetails,
  type RunId,
  type RunReport,
  type RunState,
  toDagId,
  toRunId,
  toTaskId,
} from "@airfleet/model";
import type { ReportKind } from "@airfleet/store";
import { readJson } from "./read-json.ts";

type PublishedKind = Extract<ReportKind, "dag_complete" | "dag_failure" | "task_failure" | "task_data">;

/** What a message says, in the words of Rikolti's publisher: see docs/guides/events-in.md. */
export interface Report {
  /** Address of the Airflow that it is from; null when it says none. */
  readonly host: string | null;
  readonly dagId: DagId;
  readonly runId: RunId;
  readonly logicalDate: Instant | null;
  readonly conf: Readonly<Record<string, unknown>> | null;
  readonly kind: PublishedKind;
  /** The run's state as far as the message tells. */
  readonly state: RunState;
  /** Null for what is about the whole run. */
  readonly taskId: string | null;
  readonly tryNumber: number | null;
  readonly mapIndex: number | null;
  /** The publisher's own content, JSON text; cut when it is too long to be kept. */
  readonly message: string;
  readonly isCut: boolean;
  readonly isError: boolean;
  /** Of an error, what the publisher says of it. */
  readonly reason: string | null;
  readonly contentHash: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** Enough for a traceback; a list of ten thousand pages is cut. */
const KEPT_CHARACTERS = 65_536;
const MOST_ID_CHARACTERS = 250;

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const readId = (body: Fields, field: string): string => {
  const value = body[field];
  const fail = (reason: string): AirfleetError => new AirfleetError("REPORT_INCOMPLETE", { field, reason });
  if (value === undefined || value === null) throw fail("there is none");
  if (typeof value !== "string" || value.trim() === "") throw fail("it is no text");
  if (value.length > MOST_ID_CHARACTERS) throw fail(`it is longer than ${MOST_ID_CHARACTERS} characters`);
  return value;
};

const toText = (value: unknown): string | null =>
  typeof value === "string" && value !== "" && value.length <= MOST_ID_CHARACTERS ? value : null;

const toWhole = (value: unknown): number | null => {
  const number = typeof value === "string" && /^-?\d{1,9}$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) ? number : null;
};

/** Airflow 3 has runs without a date; a date that cannot be read is none, since a run is known by its id alone. */
const toInstant = (value: unknown): Instant | null => {
  if (typeof value !== "string" || !/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*(Z|[+-]\d{2}:?\d{2})$/.test(value)) return null;
  const time = Date.parse(value.replace(" ", "T"));
  return Number.isNaN(time) ? null : new Date(time).toISOString();
};

/** An object, or the text of one, as Airflow's own templates give it. */
const toConf = (value: unknown): Fields | null => {
  if (isObject(value)) return value;
  if (typeof value !== "string" || !value.trimStart().startsWith("{")) return null;
  try {
    const parsed = readJson(value);
    return isObject(parsed) ? parsed : null;
  } catch {
    // A conf is an extra: without it the message still says how the run goes.
    return null;
  }
};

const toKind = (content: unknown): PublishedKind => {
  if (!isObject(content)) return "task_data";
  if (content["dag_complete"] === true) return "dag_complete";
  if (content["dag_complete"] === false) return "dag_failure";
  return content["error"] === true ? "task_failure" : "task_data";
};

const toReason = ({ exception, reason }: Fields): string | null => {
  const text = typeof exception === "string" ? exception : reason;
  return typeof text === "string" ? text : null;
};

const STATES = {
  dag_complete: "success",
  dag_failure: "failed",
  task_failure: "running",
  task_data: "running",
} as const satisfies Record<PublishedKind, RunState>;

/** The message without what differs between two deliveries of the same. */
const hashOf = (body: Fields): string => createHash("sha256").update(JSON.stringify(body)).digest("base64url");

/**
 * What a bare message says.
 *
 * @throws {AirfleetError} REPORT_INCOMPLETE when it does not name its run
 */
export const readReport = (body: Fields): Report => {
  const content = body["rikolti_message"] ?? null;
  const kind = toKind(content);
  // A callback of the whole run may carry the task that happened to run it; such a message is about the run.
  const isAboutRun = kind === "dag_complete" || kind === "dag_failure";
  const mapIndex = toWhole(body["map_index"]);
  const message = JSON.stringify(content);
  return {
    host: toText(body["host"]),
    dagId: toDagId(readId(body, "dag_id")),
    runId: toRunId(readId(body, "dag_run_id")),
    logicalDate: toInstant(body["logical_date"]),
    conf: toConf(body["dag_run_conf"]),
    kind,
    state: STATES[kind],
    taskId: isAboutRun ? null : toText(body["task_id"]),
    tryNumber: isAboutRun ? null : toWhole(body["try_number"]),
    // -1 is Airflow's word for a task that is not mapped.
    mapIndex: isAboutRun || mapIndex === null || mapIndex < 0 ? null : mapIndex,
    message: message.slice(0, KEPT_CHARACTERS),
    isCut: message.length > KEPT_CHARACTERS,
    isError: isObject(content) && content["error"] === true,
    reason: isObject(content) ? toReason(content) : null,
    contentHash: hashOf(body),
  };
};

const toDetails = ({ isError, taskId, reason }: Report): ReportedDetails =>
  isError ? { error: { category: taskId === null ? null : "task", message: reason ?? "" } } : {};

/** The same in the form of every report. A task that sends such a message runs; it does not say how it stands. */
export const toRunReport = (
  report: Report,
  { messageId, sentAt }: { readonly messageId: string | null; readonly sentAt: number },
): RunReport => ({
  format: "rikolti",
  eventId: messageId,
  contentHash: report.contentHash,
  dagId: report.dagId,
  runId: report.runId,
  runState: report.state,
  logicalDate: report.logicalDate,
  conf: report.conf,
  task:
    report.taskId === null
      ? null
      : {
          taskId: toTaskId(report.taskId),
          tryNumber: report.tryNumber,
          mapIndex: report.mapIndex,
          state: "running",
          startedAt: null,
          endedAt: null,
          hostname: null,
          pid: null,
          processEnds: false,
        },
  otherTasks: [],
  details: toDetails(report),
  sentAt,
  message: report.message,
  isCut: report.isCut,
});
