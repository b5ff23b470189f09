import { type ApiRequest, type Deadline, fromRefusingAnswer, shownReason, type WireAnswer } from "@airfleet/http";
import type { TriggerRequest } from "@airfleet/engine";
import { AirfleetError, type Dag, isAirfleetError } from "@airfleet/model";
import type { Api } from "../api.ts";
import { getDag, listImportErrors } from "../dags/dag-reads.ts";
import { dagUnknown } from "../missing.ts";

/** What a refused trigger means. Both generations say it in words only, and differently. */
export const triggerRefusal = async (
  api: Api,
  request: TriggerRequest,
  wire: ApiRequest,
  answer: WireAnswer,
  deadline: Deadline,
): Promise<AirfleetError> => {
  const { place, clock } = api.http;
  const reason = shownReason(answer, place.scrub);
  if (answer.status === 404) return missingOrBroken(api, request, deadline);
  if (/has import errors/i.test(reason)) {
    return broken(api, request, await getDag(api, request.dagId, deadline).catch(() => null), deadline);
  }
  if (/invalid input for param|ParamValidationError|no value passed|\bconf\b/i.test(reason)) {
    return new AirfleetError("CONF_INVALID", { reason });
  }
  if (/logical_date|execution_date|data_interval|timezone|datetime/i.test(reason)) {
    return new AirfleetError("LOGICAL_DATE_INVALID", { value: request.logicalDate ?? "" });
  }
  if (/run_?id|run id|cannot use id|longer than maximum|rejected by database/i.test(reason)) {
    return new AirfleetError("RUN_ID_INVALID", { run_id: request.runId, reason });
  }
  return fromRefusingAnswer(place, { ...wire, headers: {} }, answer, clock.now());
};

/** Airflow 3 hides a DAG as soon as its file fails to parse: its 404 means "broken" as often as "unknown". */
const missingOrBroken = async (api: Api, request: TriggerRequest, deadline: Deadline): Promise<AirfleetError> => {
  try {
    const dag = await getDag(api, request.dagId, deadline);
    return dag.hasImportErrors ? await broken(api, request, dag, deadline) : dagUnknown(api, request.dagId);
  } catch (error) {
    if (isAirfleetError(error)) return error;
    throw error;
  }
};

const broken = async (
  api: Api,
  { dagId }: TriggerRequest,
  dag: Dag | null,
  deadline: Deadline,
): Promise<AirfleetError> => {
  // Only to say more: without the permission to read import errors the message is shorter, that is all.
  const errors = await listImportErrors(api, deadline).catch(() => null);
  const own = errors?.find(({ file, bundle }) => file === dag?.file && bundle === dag.bundle);
  // The flag outlives a broken file that was then deleted.
  if (errors !== null && own === undefined && dag?.isStale === true) return dagUnknown(api, dagId);
  const lastLine = own?.stackTrace.trim().split("\n").at(-1);
  return new AirfleetError("DAG_BROKEN", {
    dag_id: dagId,
    instance: api.http.place.instance,
    reason: lastLine === undefined || lastLine === "" ? "its file does not parse" : lastLine,
  });
};
