import type { ProcessTrace, TraceRequest } from "@airfleet/engine";
import { AirfleetError } from "@airfleet/model";
import type { Deadline } from "@airfleet/http";
import type { Api } from "../api.ts";
import type { RunEvent } from "../documents/logs.ts";
import { readEvents } from "./read-events.ts";
import { readHistory } from "../tasks/task-reads.ts";

/** Dagster has begun to end the run's process, and has not yet written how that came out. */
const ENDING = "RunCancelingEvent";
const OVER: ReadonlySet<string> = new Set(["RunCanceledEvent", "RunFailureEvent", "RunSuccessEvent"]);
const EXITED = /^Process for run exited \(pid: \d+\)/;

const isOver = ({ __typename, message }: RunEvent): boolean =>
  OVER.has(__typename) || (__typename === "EngineEvent" && EXITED.test(message ?? ""));

const toTime = (event: RunEvent | undefined): string | null =>
  event?.timestamp === undefined ? null : new Date(Number(event.timestamp)).toISOString();

/**
 * Judges a run's events; what steps say is no evidence. Never `ended`: nobody watches the run's process, which writes
 * itself that it exits and lives on for seconds after that (seen on 1.13.27). From there on only its silence can tell.
 */
export const judgeEvents = (events: readonly RunEvent[]): ProcessTrace => {
  const own = events.filter(({ stepKey }) => stepKey === null || stepKey === undefined);
  const ending = own.findLast(({ __typename }) => __typename === ENDING);
  if (ending !== undefined && !own.some(isOver)) {
    return { kind: "ending", at: toTime(ending), line: ending.message ?? "", lines: events.length };
  }
  return { kind: "silent", at: toTime(events.at(-1)), line: null, lines: events.length };
};

/** What the event log of the run tells of the process in which this try ran. */
export const traceProcess = async (api: Api, request: TraceRequest, deadline: Deadline): Promise<ProcessTrace> => {
  const { history } = await readHistory(api, request, deadline);
  const one = history.tries[request.tryNumber - 1];
  if (one === undefined) {
    const { dagId, runId, taskId, tryNumber } = request;
    throw new AirfleetError("LOG_UNAVAILABLE", {
      instance: api.graphql.http.place.instance,
      dag_id: dagId,
      run_id: runId,
      task_id: taskId,
      try_number: tryNumber,
      reason: "the step has no such try",
    });
  }
  return judgeEvents((await readEvents(api, one.engineRunId, null, deadline)).events);
};
