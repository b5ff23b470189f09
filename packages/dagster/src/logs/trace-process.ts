import type { ProcessTrace, TraceRequest } from "@airfleet/engine";
import { AirfleetError } from "@airfleet/model";
import type { Deadline } from "@airfleet/http";
import type { Api } from "../api.ts";
import type { RunEvent } from "../documents/logs.ts";
import { readEvents } from "./read-events.ts";
import { readHistory } from "../tasks/task-reads.ts";

/** Written by the run's process when its steps have ended. It lives on for seconds after that (seen on 1.13.27): no proof that it is gone. */
const EXITED = /^Process for run exited \(pid: (\d+)\)/;
const ENDING: ReadonlySet<string> = new Set(["RunCancelingEvent", "RunCanceledEvent"]);

const toTime = ({ timestamp }: RunEvent): string | null =>
  timestamp === undefined ? null : new Date(Number(timestamp)).toISOString();

/** Judges a run's events; what steps say is no evidence. */
export const judgeEvents = (events: readonly RunEvent[]): ProcessTrace => {
  const own = events.filter(({ stepKey }) => stepKey === null || stepKey === undefined);
  const ended = own.findLast(({ __typename, message }) => __typename === "EngineEvent" && EXITED.test(message ?? ""));
  if (ended !== undefined) {
    return { kind: "ending", at: toTime(ended), line: ended.message ?? "", lines: events.length };
  }
  const ending = own.findLast(({ __typename }) => ENDING.has(__typename));
  if (ending !== undefined) {
    return { kind: "ending", at: toTime(ending), line: ending.message ?? "", lines: events.length };
  }
  const last = events.at(-1);
  return { kind: "silent", at: last === undefined ? null : toTime(last), line: null, lines: events.length };
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
