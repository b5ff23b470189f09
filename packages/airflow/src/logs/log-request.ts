import type { ApiRequest, Deadline } from "@airfleet/http";
import type { LogRequest } from "@airfleet/engine";
import { AirfleetError, isAirfleetError } from "@airfleet/model";
import { type Api, toRequest } from "../api.ts";
import { path } from "../api-path.ts";
import { taskUnknown } from "../missing.ts";
import { getTaskInstance } from "../tasks/task-reads.ts";

/** Both generations answer a log here; a missing map index of a mapped task is a 404 in both. */
export const logRequest = (
  api: Api,
  { dagId, runId, taskId, tryNumber, mapIndex }: LogRequest,
  options: { readonly accept?: string; readonly token?: string; readonly isWhole: boolean },
): ApiRequest => {
  const { accept, token, isWhole } = options;
  return toRequest(api, "GET", path`/dags/${dagId}/dagRuns/${runId}/taskInstances/${taskId}/logs/${tryNumber}`, {
    query: { map_index: mapIndex < 0 ? undefined : mapIndex, full_content: isWhole, token },
    passes: [404, 406],
    ...(accept === undefined ? {} : { accept }),
  });
};

export const logUnavailable = (request: LogRequest, reason: string): AirfleetError =>
  new AirfleetError("LOG_UNAVAILABLE", {
    task_id: request.taskId,
    try_number: request.tryNumber,
    dag_id: request.dagId,
    run_id: request.runId,
    reason,
  });

/** What a 404 means: the task is not there, or only this try of it is not. */
export const missingLog = async (api: Api, request: LogRequest, deadline: Deadline): Promise<AirfleetError> => {
  try {
    const { tryNumber, state } = await getTaskInstance(api, request, deadline);
    return logUnavailable(request, `the task is ${state} and has had ${tryNumber} tries`);
  } catch (error) {
    return isAirfleetError(error) ? error : taskUnknown(api, request);
  }
};
