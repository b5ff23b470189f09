import { AirfleetError, type DagId, type RunAddress, type TaskAddress } from "@airfleet/model";
import type { Api } from "./api.ts";

/** The errors for what is not there. */
export const dagUnknown = (api: Api, dagId: DagId): AirfleetError =>
  new AirfleetError("DAG_UNKNOWN", { dag_id: dagId, instance: api.http.place.instance });

export const runUnknown = (api: Api, { dagId, runId }: RunAddress): AirfleetError =>
  new AirfleetError("RUN_UNKNOWN", { dag_id: dagId, run_id: runId, instance: api.http.place.instance });

export const taskUnknown = (api: Api, { dagId, runId, taskId, mapIndex }: TaskAddress): AirfleetError =>
  new AirfleetError("TASK_UNKNOWN", {
    task_id: taskId,
    map_index: mapIndex,
    dag_id: dagId,
    run_id: runId,
    instance: api.http.place.instance,
  });

/** What this release cannot do at all. */
export const capabilityMissing = (api: Api, ability: string, hint: string): AirfleetError =>
  new AirfleetError("CAPABILITY_MISSING", {
    instance: api.http.place.instance,
    version: `Airflow ${api.dialect.version.text}`,
    ability,
    hint,
  });
