import {
  AirfleetError,
  fromAirflowTaskState,
  type ReportedTask,
  type ReportFormat,
  type RunReport,
  type RunState,
  TASK_STATES,
  toDagId,
  toRunId,
  toTaskId,
} from "@airfleet/model";
import { errorCategoryOf } from "./error-category.ts";
import { keepMessage } from "./keep-message.ts";
import { readDate } from "./read-date.ts";
import { runStateBehind } from "./run-state-behind.ts";

type Fields = Readonly<Record<string, unknown>>;

/** What was posted to a path of cwl-airflow's receivers. */
export interface OldPost {
  /** Without a query; only its last two segments mean something. */
  readonly path: string;
  /** What `payload` held, unsigned or taken out of its signature. */
  readonly claims: unknown;
  /** Zone of dates that come without one. */
  readonly timeZone: string;
}

/** What one form of report says besides whose it is. */
type Said = Pick<RunReport, "format" | "details"> &
  Partial<Pick<RunReport, "logicalDate" | "otherTasks" | "runState" | "task">>;

const MOST_ID_CHARACTERS = 250;
const MOST_ERROR_CHARACTERS = 100_000;
const MOST_TITLE_CHARACTERS = 500;

const RUN_STATES: ReadonlySet<string> = new Set<RunState>(["queued", "running", "success", "failed"]);
const TASK_WORDS: ReadonlySet<string> = new Set<string>([...TASK_STATES, "shutdown"]);

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Reads the parts of one report, and knows how to refuse it. */
const createReader = ({ path, timeZone }: OldPost, fields: Fields) => {
  const refuse = (reason: string): AirfleetError => new AirfleetError("REPORT_FORMAT_UNKNOWN", { path, reason });
  const id = (name: string): string => {
    const value = fields[name];
    if (typeof value === "string" && value.trim() !== "" && value.length <= MOST_ID_CHARACTERS) return value;
    throw refuse(`"${name}" is no text of 1 to ${MOST_ID_CHARACTERS} characters`);
  };
  const runState = (): RunState => {
    const { state } = fields;
    if (typeof state === "string" && RUN_STATES.has(state)) return state as RunState;
    throw refuse('"state" is none of queued, running, success, failed');
  };
  const task = (given: unknown): ReportedTask => {
    if (!isObject(given) || typeof given["task_id"] !== "string" || given["task_id"] === "") {
      throw refuse('a task has no "task_id"');
    }
    const { task_id: taskId, state = null, try_number: tryNumber } = given;
    if (state !== null && (typeof state !== "string" || !TASK_WORDS.has(state))) {
      throw refuse('the "state" of a task is none of Airflow\'s words');
    }
    return {
      taskId: toTaskId(taskId.slice(0, MOST_ID_CHARACTERS)),
      tryNumber: typeof tryNumber === "number" && Number.isSafeInteger(tryNumber) ? tryNumber : null,
      mapIndex: null,
      state: fromAirflowTaskState(state),
      startedAt: readDate(given["start_date"], timeZone),
      endedAt: readDate(given["end_date"], timeZone),
      hostname: null,
      pid: null,
      processEnds: false,
    };
  };
  const progress = (): RunReport["details"] => {
    const { progress: percent, error, title } = fields;
    return {
      ...(typeof percent === "number" && { progress: Math.min(100, Math.max(0, percent)) }),
      ...(typeof title === "string" && title !== "" && { title: title.slice(0, MOST_TITLE_CHARACTERS) }),
      ...(typeof error === "string" &&
        error !== "" && {
          error: { category: errorCategoryOf(error), message: error.slice(0, MOST_ERROR_CHARACTERS) },
        }),
    };
  };
  return { id, progress, refuse, runState, task };
};

type Reader = ReturnType<typeof createReader>;

const isPresent = (value: unknown): boolean => value !== undefined && value !== null && value !== "";

/** The whole run at once: cwl-airflow-parser of 2018. */
const readSnapshot = (fields: Fields, reader: Reader, timeZone: string): Said => {
  const { tasks, results } = fields;
  return {
    format: "g0",
    runState: reader.runState(),
    logicalDate: readDate(fields["execution_date"], timeZone),
    otherTasks: (Array.isArray(tasks) ? tasks : []).map(reader.task),
    details: { ...reader.progress(), ...(isPresent(results) && { results }) },
  };
};

const readProgress = (fields: Fields, reader: Reader, format: ReportFormat): Said => {
  const { statistics, logs } = fields;
  return {
    format,
    runState: reader.runState(),
    details: {
      ...reader.progress(),
      ...(isPresent(statistics) && { statistics }),
      ...(isPresent(logs) && { logs }),
    },
  };
};

const readStatus = (fields: Fields, reader: Reader, format: ReportFormat): Said => {
  const task = reader.task(fields);
  return { format, task, runState: runStateBehind(task.state), details: {} };
};

const readResults = ({ results }: Fields, format: ReportFormat): Said => ({
  format,
  details: isPresent(results) ? { results } : {},
});

const readSaid = (post: OldPost, fields: Fields, reader: Reader): Said => {
  const [before = "", word = ""] = ["", ...post.path.split("/").filter((part) => part !== "")].slice(-2);
  if (Array.isArray(fields["tasks"])) return readSnapshot(fields, reader, post.timeZone);
  const isNewest = before === "airflow" || "statistics" in fields || "logs" in fields;
  const format = isNewest ? "g2" : "g1";
  switch (word) {
    case "status":
      return readStatus(fields, reader, format);
    case "progress":
      return readProgress(fields, reader, format);
    case "results":
      return readResults(fields, format);
    default:
      throw reader.refuse(`it ends in "${word}"`);
  }
};

/**
 * What a report of cwl-airflow says, whichever of its generations sent it: the snapshot of the whole run (G0), or
 * progress, status and results apart (G1, and G2 with statistics, logs and categories of errors).
 *
 * @throws {AirfleetError} REPORT_FORMAT_UNKNOWN
 */
export const readOldReport = (post: OldPost): RunReport => {
  const fields = isObject(post.claims) ? post.claims : {};
  const reader = createReader(post, fields);
  if (!isObject(post.claims)) throw reader.refuse("the payload is no object");
  const [dagId, runId] = [reader.id("dag_id"), reader.id("run_id")];
  return {
    eventId: null,
    dagId: toDagId(dagId),
    runId: toRunId(runId),
    runState: null,
    logicalDate: null,
    conf: null,
    task: null,
    otherTasks: [],
    sentAt: null,
    ...keepMessage(post.claims),
    ...readSaid(post, fields, reader),
  };
};
