import {
  canonicalJson,
  type Deadline,
  isRetryableStatus,
  parseAnswer,
  placedError,
  startDeadline,
} from "@airfleet/http";
import type { TriggerRequest } from "@airfleet/engine";
import { AirfleetError, checkNewRunId, isAirfleetError, type Run } from "@airfleet/model";
import { type Api, toRequest } from "../api.ts";
import { path } from "../api-path.ts";
import { isSameInstant, isZonedInstant } from "../instant.ts";
import { capabilityMissing } from "../missing.ts";
import { getRun } from "./run-reads.ts";
import { triggerRefusal } from "./trigger-refusal.ts";

/** A run, and whether this call saw it being created. */
export interface Triggered {
  readonly run: Run;
  readonly created: boolean;
  /** The very first POST found it there. */
  readonly existed?: boolean;
}

/** After these the POST may have been carried out, or still be on its way. */
const UNCERTAIN = [
  "INSTANCE_UNREACHABLE",
  "INSTANCE_TIMEOUT",
  "AIRFLOW_SERVER_ERROR",
  "AIRFLOW_ANSWER_INVALID",
  "AIRFLOW_ANSWER_TOO_LARGE",
] as const;

/** Part of the time that a POST may take; the rest is kept for looking what became of it. */
const POST_SHARE = 0.75;

/**
 * Starts a run exactly once. The engine's uniqueness of (DAG, run id) is what makes it so; our part is to find out what
 * an answer that did not come would have said.
 *
 *  - An answer that names our run: `created`.
 *  - No answer, or a server error: the run is looked up by its id. There: an answer like any other. Not there, and the
 *    failure was a passing one: the POST is sent once more under the same id, so two that both arrive make one run.
 *  - 409: looked up as well. There with our conf and date: `created: false`. There with others: RUN_ID_TAKEN. Not there:
 *    it was the date that is taken, LOGICAL_DATE_TAKEN (Airflow 3 does not say which of the two it was).
 */
export const trigger = async (api: Api, request: TriggerRequest, deadline: Deadline): Promise<Triggered> => {
  check(api, request);
  for (let isLast = false; ; isLast = true) {
    let uncertain: AirfleetError;
    try {
      const answer = await postRun(api, request, deadline);
      if (answer !== "conflict") return { run: answer, created: true };
      const existing = await findRun(api, request, deadline);
      if (existing === null) throw dateTaken(api, request);
      return { run: recognise(api, request, existing), created: false, existed: !isLast };
    } catch (error) {
      if (!isAirfleetError(error, ...UNCERTAIN) || deadline.signal.aborted) throw error;
      uncertain = error;
    }
    // When the look-up fails too, the first error is the one to tell; the caller may ask again under the same id.
    const existing = await findRun(api, request, deadline).catch(() => null);
    if (existing !== null) return { run: recognise(api, request, existing), created: false };
    if (isLast || !isPassing(uncertain)) throw uncertain;
  }
};

/** Whether the same POST may fare better at once: not after a time-out or a plain 500, nor when told to come later. */
const isPassing = (error: AirfleetError): boolean =>
  error.retryAfterSeconds === undefined &&
  (error.code === "INSTANCE_UNREACHABLE" ||
    (error.code === "AIRFLOW_SERVER_ERROR" && isRetryableStatus(Number(error.details["status"]))));

const check = (api: Api, { runId, logicalDate, interval, runAfter }: TriggerRequest): void => {
  checkNewRunId(runId);
  for (const value of [logicalDate, interval?.start, interval?.end, runAfter]) {
    if (value !== undefined && !isZonedInstant(value)) throw new AirfleetError("LOGICAL_DATE_INVALID", { value });
  }
  if (runAfter !== undefined && !api.dialect.capabilities.delayedStart) {
    throw capabilityMissing(api, "start a run later", "Airflow 3 can; here, trigger when it is time.");
  }
};

const postRun = async (api: Api, request: TriggerRequest, deadline: Deadline): Promise<Run | "conflict"> => {
  const { dagId, runId } = request;
  const wire = toRequest(api, "POST", path`/dags/${dagId}/dagRuns`, {
    body: api.dialect.triggerBody(request),
    passes: [400, 404, 409, 422],
  });
  const { signal, onExchange } = deadline;
  const told = onExchange === undefined ? {} : { onExchange };
  using share = startDeadline(api.http.clock, { signal, ...told }, deadline.remainingMs() * POST_SHARE);
  const answer = await api.http.call(wire, share);
  if (answer.status === 409) return "conflict";
  if (answer.status >= 400) throw await triggerRefusal(api, request, wire, answer, deadline);
  const run = parseAnswer(api.http, wire, answer, api.dialect.shapes.run);
  if (run.dagId === dagId && run.runId === runId) return run;
  const reason = api.http.place.scrub(`it names run ${run.runId} of ${run.dagId}`);
  throw placedError(api.http.place, "AIRFLOW_ANSWER_INVALID", { url: api.http.place.url, reason }, { request: wire });
};

const findRun = async (api: Api, request: TriggerRequest, deadline: Deadline): Promise<Run | null> => {
  try {
    return await getRun(api, request, deadline);
  } catch (error) {
    if (isAirfleetError(error, "RUN_UNKNOWN")) return null;
    throw error;
  }
};

/** Ours when conf and date are those we ask for; a date we did not ask for is not compared (v1 makes one up). */
const recognise = (api: Api, request: TriggerRequest, run: Run): Run => {
  const isSameConf = canonicalJson(run.conf) === canonicalJson(request.conf);
  const isSameDate =
    request.logicalDate === undefined
      ? api.dialect.generation === 2 || run.logicalDate === null
      : run.logicalDate !== null && isSameInstant(run.logicalDate, request.logicalDate);
  if (isSameConf && isSameDate) return run;
  throw new AirfleetError("RUN_ID_TAKEN", {
    run_id: request.runId,
    dag_id: request.dagId,
    instance: api.http.place.instance,
  });
};

const dateTaken = (api: Api, request: TriggerRequest): AirfleetError =>
  new AirfleetError("LOGICAL_DATE_TAKEN", {
    dag_id: request.dagId,
    instance: api.http.place.instance,
    logical_date: request.logicalDate ?? "the present moment",
  });
