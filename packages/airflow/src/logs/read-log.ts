import {
  type ApiRequest,
  type Clock,
  type Deadline,
  ForeignGeneration,
  fromWireFailure,
  type InstancePlace,
  startDeadline,
  type StreamedAnswer,
  WireFailure,
  toOperationError,
} from "@airfleet/http";
import type { CallOptions, LogRequest } from "@airfleet/engine";
import type { LogLine } from "@airfleet/model";
import type { Api } from "../api.ts";
import type { InstanceLink } from "../instance-link.ts";
import { readLogPages } from "./follow-log.ts";
import { logRequest, logUnavailable, missingLog } from "./log-request.ts";
import { parseStructuredLine } from "./structured-line.ts";
import { parseTextLine, splitLines } from "./text-line.ts";
import { whyNoLog, whyNoStructuredLog } from "./unavailable.ts";

interface LogParts {
  readonly link: InstanceLink;
  readonly place: InstancePlace;
  readonly clock: Clock;
  readonly timeoutMs: number;
}

/** Lines at the start that are held back until it is clear that they belong to a log. */
const HEADER_LINES = 60;

/**
 * The log of one try as it arrives: text from Airflow 2, ndjson from Airflow 3, JSON pieces when following or where
 * headers do not reach the instance. A `timeoutMs` of the caller bounds the whole; without it each request is bounded by
 * the instance's limit up to its first byte, since a long log and a slow reader may take as long as they like.
 */
export async function* readLog(parts: LogParts, request: LogRequest, call: CallOptions = {}): AsyncGenerator<LogLine> {
  const { link, place, clock, timeoutMs } = parts;
  using whole = startDeadline(clock, call, Number.POSITIVE_INFINITY);
  let opened: OpenLog | undefined;
  try {
    const api = await connect(link, clock, whole, timeoutMs);
    if (request.follow !== true && api.http.sendsHeaders) opened = await open(api, request, whole, timeoutMs);
    const body = opened?.answer.body ?? null;
    if (body === null) yield* readLogPages(api, request, whole, timeoutMs);
    else if (api.dialect.generation === 2) yield* readText(request, body);
    else yield* readStructured(request, body);
  } catch (error) {
    if (error instanceof ForeignGeneration) link.forget();
    if (!(error instanceof WireFailure) || opened === undefined) throw toOperationError(error, whole, place);
    if (whole.signal.aborted && !whole.isOver()) throw whole.signal.reason;
    // The answer had begun, so the request is not sent again: the caller has its first lines already.
    throw fromWireFailure(place, { ...opened.wire, headers: {} }, error, { deadline: whole, answerBytes: 0 });
  }
}

/** A log that has begun to arrive; its body is null where this release (3.0.0) does not know the form we ask for. */
interface OpenLog {
  readonly answer: StreamedAnswer;
  readonly wire: ApiRequest;
}

const connect = async (link: InstanceLink, clock: Clock, whole: Deadline, timeoutMs: number): Promise<Api> => {
  using deadline = startDeadline(clock, { signal: whole.signal }, timeoutMs);
  return await link.connect(deadline);
};

const open = async (api: Api, request: LogRequest, whole: Deadline, timeoutMs: number): Promise<OpenLog> => {
  using deadline = startDeadline(api.http.clock, { signal: whole.signal }, timeoutMs);
  const accept = api.dialect.generation === 2 ? "text/plain" : "application/x-ndjson";
  const wire = logRequest(api, request, { accept, isWhole: true });
  const answer = await api.http.stream(wire, deadline, whole.signal);
  if (answer.status === 404) throw await missingLog(api, request, deadline);
  return { answer, wire };
};

async function* readText(request: LogRequest, body: AsyncIterable<Uint8Array>): AsyncGenerator<LogLine> {
  let header: string[] | null = [];
  let isFirst = true;
  for await (const line of splitLines(body)) {
    if (isFirst) {
      isFirst = false;
      // The first line is the worker's host name, or empty when no worker had it.
      if (!/\s/.test(line)) continue;
    }
    if (header === null) {
      yield parseTextLine(line);
      continue;
    }
    header.push(line);
    if (header.length < HEADER_LINES && whyNoLog(header) !== null) continue;
    if (header.length < HEADER_LINES && !header.some((held) => /^\[\d{4}-/.test(held))) continue;
    for (const held of header) yield parseTextLine(held);
    header = null;
  }
  if (header === null) return;
  const absence = whyNoLog(header);
  if (absence !== null) throw logUnavailable(request, absence);
  for (const held of header) yield parseTextLine(held);
}

const parseJsonLine = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return line;
  }
};

async function* readStructured(request: LogRequest, body: AsyncIterable<Uint8Array>): AsyncGenerator<LogLine> {
  let header: LogLine[] | null = [];
  for await (const line of splitLines(body)) {
    if (line === "") continue;
    const lines = parseStructuredLine(parseJsonLine(line));
    if (header === null) {
      yield* lines;
      continue;
    }
    header.push(...lines);
    if (header.length < HEADER_LINES && lines.every(({ at }) => at === null)) continue;
    yield* header;
    header = null;
  }
  if (header === null) return;
  const absence = whyNoStructuredLog(header.map(({ text }) => text));
  if (absence !== null) throw logUnavailable(request, absence);
  yield* header;
}
