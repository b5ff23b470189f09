import type { Deadline } from "@airfleet/http";
import type { RunStateRequest } from "@airfleet/engine";
import { AirfleetError, isTerminalRunState, type Run, type RunAddress } from "@airfleet/model";
import { type Api, toRequest } from "../api.ts";
import { path } from "../api-path.ts";
import { runUnknown } from "../missing.ts";
import { getRun } from "./run-reads.ts";

/** Marks a run and answers it as read back: the PATCH's own answer is older than what the scheduler made of it. */
export const setRunState = async (api: Api, request: RunStateRequest, deadline: Deadline): Promise<Run> => {
  const wire = toRequest(api, "PATCH", path`/dags/${request.dagId}/dagRuns/${request.runId}`, {
    // Airflow 2 knows no mask here and refuses unknown parameters.
    query: { update_mask: api.dialect.generation === 3 ? "state" : undefined },
    body: { state: request.state },
    passes: [404],
  });
  const answer = await api.http.call(wire, deadline);
  if (answer.status === 404) throw runUnknown(api, request);
  return getRun(api, request, deadline);
};

const active = (run: RunAddress, state: string): AirfleetError =>
  new AirfleetError("RUN_ACTIVE", { run_id: run.runId, dag_id: run.dagId, state });

/** Deletes a finished run. Airflow 2 and early 3.x would delete a running one too, so the state is read first. */
export const deleteRun = async (api: Api, run: RunAddress, deadline: Deadline): Promise<void> => {
  const { state } = await getRun(api, run, deadline);
  if (!isTerminalRunState(state)) throw active(run, state);
  const wire = toRequest(api, "DELETE", path`/dags/${run.dagId}/dagRuns/${run.runId}`, { passes: [404, 409] });
  const answer = await api.http.call(wire, deadline);
  if (answer.status === 404) throw runUnknown(api, run);
  if (answer.status === 409) throw active(run, (await getRun(api, run, deadline)).state);
};
