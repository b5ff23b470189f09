import { toLogDate } from "../clock/instant.ts";
import { type Answer, json, text } from "../http/answer.ts";
import { openToken, signToken } from "../http/signed-token.ts";
import { findTry, isStillWriting, type LogEvent, logEventsOf, logPathOf } from "../logs/log-events.ts";
import type { TaskRecord, TryRecord } from "../world/task-record.ts";
import { tryIdOf } from "../world/tasks-of-run.ts";
import { refuse } from "./detail.ts";
import { param, type V2Call, type V2Route } from "./route.ts";
import { instancesOf } from "./task-lookup.ts";

const errorDetail = ({ exception }: LogEvent): object =>
  exception === undefined
    ? {}
    : {
        error_detail: [
          {
            exc_type: exception.type,
            exc_value: exception.value,
            exc_notes: [],
            syntax_error: null,
            is_cause: false,
            frames: [{ filename: "/opt/airflow/dags/dag.py", lineno: 64, name: "run" }],
            is_group: false,
            exceptions: [],
          },
        ],
      };

/** Lines that the code printed carry no context; logged ones say which try they belong to. */
const renderLine = (task: TaskRecord, attempt: TryRecord, line: LogEvent): object => {
  const base = { timestamp: toLogDate(line.at), event: line.text, level: line.level };
  if (line.origin === "stdout" || line.origin === "stderr") return { ...base, logger: `task.${line.origin}` };
  return {
    ...base,
    task_id: task.task.taskId,
    map_index: task.mapIndex,
    run_id: task.run.runId,
    dag_id: task.run.dag.dagId,
    ti_id: tryIdOf(task, attempt),
    try_number: attempt.tryNumber,
    logger: line.logger,
    filename: line.origin === "task" ? "task_runner.py" : "dag.py",
    lineno: line.origin === "task" ? 2232 : 60,
    ...errorDetail(line),
  };
};

const headerOf = (task: TaskRecord, tryNumber: number): object[] =>
  ["::group::Log message source details", logPathOf(task, tryNumber), "::endgroup::"].map((event) => ({ event }));

interface Chunk {
  readonly lines: readonly object[];
  readonly token: string | null;
}

const WHY_NOT: Readonly<Record<string, string>> = {
  upstream_failed: "Task did not run because upstream task(s) failed.",
  skipped: "Task was skipped, no logs available.",
};

const readChunk = (call: V2Call, task: TaskRecord, attempt: TryRecord, position: number | undefined): Chunk => {
  const { world, secretKey } = call.deployment;
  if (attempt.tryNumber === 0) {
    return { lines: [{ event: WHY_NOT[attempt.state ?? ""] ?? "Task has not run yet." }], token: null };
  }
  const written = logEventsOf(world, task, attempt);
  const lines = written.slice(position ?? 0).map((line) => renderLine(task, attempt, line));
  return {
    lines: position === undefined ? [...headerOf(task, attempt.tryNumber), ...lines] : lines,
    token: isStillWriting(attempt) ? signToken(secretKey, { end_of_log: false, log_pos: written.length }) : null,
  };
};

const tokenPosition = (call: V2Call): number | undefined => {
  const token = call.request.query.get("token");
  if (token === null) return undefined;
  const value = openToken(call.deployment.secretKey, token);
  if (typeof value !== "object" || value === null)
    return refuse(400, "Bad Signature. Please use only the tokens provided by the API.");
  return "log_pos" in value && typeof value.log_pos === "number" ? value.log_pos : undefined;
};

type Format = "json" | "ndjson";

const formatOf = (call: V2Call): Format => {
  const accept = (call.request.headers.accept ?? "*/*").toLowerCase();
  if (accept.includes("application/x-ndjson")) return "ndjson";
  if (accept.includes("application/json") || accept.includes("*/*")) return "json";
  return refuse(406, "Only application/json or application/x-ndjson is supported");
};

const getLog = (call: V2Call): Answer => {
  const format = formatOf(call);
  const position = tokenPosition(call);
  const mapIndex = call.request.query.get("map_index") ?? "-1";
  const task = instancesOf(call).find((candidate) => String(candidate.mapIndex) === mapIndex);
  const tryNumber = Number(param(call, "try_number"));
  const attempt = task === undefined ? undefined : findTry(task, tryNumber);
  if (task === undefined || attempt === undefined) return refuse(404, "TaskInstance not found");
  const chunk = readChunk(call, task, attempt, position);
  if (format === "json") return json(200, { content: chunk.lines, continuation_token: chunk.token });
  const lines = chunk.lines.map((line) => `${JSON.stringify({ timestamp: null, ...line })}\n`);
  const answer = text(200, lines.join(""), "application/x-ndjson");
  // There is always a token in this header, also at the end: it does not mean that there is more.
  const token = chunk.token ?? signToken(call.deployment.secretKey, { download_logs: true });
  return { ...answer, headers: { ...answer.headers, "airflow-continuation-token": token } };
};

export const logRoutes: readonly V2Route[] = [
  {
    method: "GET",
    path: "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/externalLogUrl/{try_number}",
    handle: () => refuse(400, "Task log handler does not support external logs."),
  },
  {
    method: "GET",
    path: "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/logs/{try_number}",
    handle: getLog,
  },
];
