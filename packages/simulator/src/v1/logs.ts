import { stripVTControlCharacters } from "node:util";
import { toLogDate } from "../clock/instant.ts";
import { type Answer, json, text } from "../http/answer.ts";
import { pythonString } from "../http/python-text.ts";
import { openToken, signToken } from "../http/signed-token.ts";
import { findTry, isStillWriting, type LogEvent, logEventsOf, logPathOf } from "../logs/log-events.ts";
import type { TaskRecord } from "../world/task-record.ts";
import { refuse } from "./problem.ts";
import { param, type V1Call, type V1Route } from "./route.ts";
import { instancesOf } from "./task-lookup.ts";

interface Chunk {
  readonly host: string;
  readonly text: string;
  readonly isEnd: boolean;
  readonly position: number;
}

const SOURCES = {
  task: "taskinstance.py:2632",
  stdout: "logging_mixin.py:190",
  stderr: "logging_mixin.py:190",
  logger: "dag.py:61",
} as const;

const traceback = ({ exception }: LogEvent): string =>
  exception === undefined
    ? ""
    : `\nTraceback (most recent call last):\n  File "/opt/airflow/dags/dag.py", line 64, in run\n${exception.type}: ${exception.value}`;

/** Airflow 2 takes colours out of what was printed, not out of what was logged. */
const shownText = (line: LogEvent): string =>
  line.origin === "stdout" || line.origin === "stderr" ? stripVTControlCharacters(line.text) : line.text;

/** `[2026-11-20T12:23:43.511+0000] {file.py:123} INFO - text`. */
const formatLine = (line: LogEvent): string => {
  const level = line.origin === "stderr" ? "WARNING" : line.level.toUpperCase();
  return `[${toLogDate(line.at).slice(0, 23)}+0000] {${line.file ?? SOURCES[line.origin]}} ${level} - ${shownText(line)}${traceback(line)}`;
};

const header = (lines: readonly string[]): string =>
  [
    " INFO - ::group::Log message source details",
    ...lines.map((line) => `*** ${line}`),
    " INFO - ::endgroup::",
    "",
  ].join("\n");

const missing = (task: TaskRecord, tryNumber: number): Chunk => {
  if (tryNumber === 0)
    return { host: "", text: "Error fetching the logs. Try number 0 is invalid.", isEnd: true, position: 0 };
  const path = logPathOf(task, tryNumber).replace("/opt/airflow/logs/", "");
  const reason =
    task.hostname === ""
      ? `Could not read served logs: Invalid URL 'http://:8793/log/${path}': No host supplied`
      : `Log file not found on worker '${task.hostname}'. This attempt may have run on a different worker whose logs are no longer accessible. Consider configuring remote logging (S3, GCS, etc.) for log persistence.`;
  return { host: task.hostname, text: header([reason]), isEnd: true, position: 0 };
};

const readChunk = (call: V1Call, task: TaskRecord, tryNumber: number, position: number | undefined): Chunk => {
  const attempt = tryNumber === 0 ? undefined : findTry(task, tryNumber);
  if (attempt === undefined || attempt.startAt === null || attempt.hostname === "") return missing(task, tryNumber);
  const lines = logEventsOf(call.deployment.world, task, attempt).map((line) => `${formatLine(line)}\n`);
  const whole = lines.join("");
  const path = logPathOf(task, tryNumber);
  const found = ["Found local files:", `  * ${path}`];
  return {
    host: attempt.hostname,
    text: position === undefined ? header(found) + whole : whole.slice(position),
    isEnd: !isStillWriting(attempt),
    position: whole.length,
  };
};

const tokenPosition = (call: V1Call): number | undefined => {
  const token = call.request.query.get("token");
  if (token === null) return undefined;
  const value = openToken(call.deployment.secretKey, token);
  if (typeof value !== "object" || value === null) {
    return refuse(400, { title: "Bad Signature. Please use only the tokens provided by the API.", detail: null });
  }
  return "log_pos" in value && typeof value.log_pos === "number" ? value.log_pos : undefined;
};

const getLog = (call: V1Call): Answer => {
  const position = tokenPosition(call);
  const mapIndex = Number(call.request.query.get("map_index") ?? -1);
  const task = instancesOf(call).find((candidate) => candidate.mapIndex === mapIndex);
  if (task === undefined) return refuse(404, { title: "TaskInstance not found", detail: null });
  const chunk = readChunk(call, task, Number(param(call, "task_try_number")), position);
  const accept = call.request.headers.accept ?? "*/*";
  if (!accept.includes("application/json")) return text(200, `${chunk.host}\n${chunk.text}\n`, "text/plain");
  return json(200, {
    content: `[(${pythonString(chunk.host)}, ${pythonString(chunk.text)})]`,
    continuation_token: signToken(call.deployment.secretKey, { end_of_log: chunk.isEnd, log_pos: chunk.position }),
  });
};

export const logRoutes: readonly V1Route[] = [
  {
    method: "GET",
    path: "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/logs/{task_try_number:int}",
    query: { full_content: "boolean", map_index: "integer", token: "string" },
    handle: getLog,
  },
];
