import { AirfleetError, type DagId, type RunAddress, type TaskAddress } from "@airfleet/model";
import type { GraphqlClient } from "./graphql/graphql-client.ts";
import type { JobNames } from "./jobs/job-names.ts";

/** One instance: what every operation works on. */
export interface Api {
  readonly graphql: GraphqlClient;
  readonly names: JobNames;
}

const instanceOf = ({ graphql }: Pick<Api, "graphql">) => graphql.http.place.instance;

/** The errors for what is not there. */
export const dagUnknown = (api: Pick<Api, "graphql">, dagId: DagId): AirfleetError =>
  new AirfleetError("DAG_UNKNOWN", { dag_id: dagId, instance: instanceOf(api) });

export const runUnknown = (api: Api, { dagId, runId }: RunAddress): AirfleetError =>
  new AirfleetError("RUN_UNKNOWN", { dag_id: dagId, run_id: runId, instance: instanceOf(api) });

export const taskUnknown = (api: Api, { dagId, runId, taskId, mapIndex }: TaskAddress): AirfleetError =>
  new AirfleetError("TASK_UNKNOWN", {
    task_id: taskId,
    map_index: mapIndex,
    dag_id: dagId,
    run_id: runId,
    instance: instanceOf(api),
  });

/** What no Dagster can do. */
export const capabilityMissing = (api: Pick<Api, "graphql">, ability: string, hint: string): AirfleetError =>
  new AirfleetError("CAPABILITY_MISSING", { instance: instanceOf(api), version: "Dagster", ability, hint });
