import type { RunAddress, TaskAddress } from "@airfleet/model";
import type { FleetInstance } from "./fleet-instance.ts";

// Pages of the instance's own UI. The two generations of Airflow name them differently.

const baseOf = (instance: FleetInstance): string => instance.url.replace(/\/+$/, "");
const segment = encodeURIComponent;
const isLegacy = (instance: FleetInstance): boolean => instance.status.generation === 2;

/** Dagster's id of a run; others are found by our tag. */
const DAGSTER_RUN = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const dagsterList = (instance: FleetInstance, filter: string): string =>
  `${baseOf(instance)}/runs?q[0]=${segment(filter)}`;

/** A DAG in its instance's own UI. */
export const dagPage = (instance: FleetInstance, dagId: string): string =>
  instance.engine === "dagster"
    ? dagsterList(instance, `job:${dagId}`)
    : `${baseOf(instance)}/dags/${segment(dagId)}${isLegacy(instance) ? "/grid" : ""}`;

/** A run in its instance's own UI. */
export const runPage = (instance: FleetInstance, { dagId, runId }: RunAddress): string => {
  if (instance.engine === "dagster") {
    return DAGSTER_RUN.test(runId)
      ? `${baseOf(instance)}/runs/${runId}`
      : dagsterList(instance, `tag:airfleet/run_id=${runId}`);
  }
  return isLegacy(instance)
    ? `${dagPage(instance, dagId)}?dag_run_id=${segment(runId)}`
    : `${dagPage(instance, dagId)}/runs/${segment(runId)}`;
};

/**
 * A task of a run, or one try of it, with its log in front. Airflow 2's grid has no address for a try: it opens the
 * newest. Routes as the installed 2.11 and 3.3 have them.
 */
export const taskPage = (instance: FleetInstance, task: TaskAddress, tryNumber = 0): string => {
  if (instance.engine === "dagster") return runPage(instance, task);
  const mapped = task.mapIndex >= 0;
  if (isLegacy(instance)) {
    return `${runPage(instance, task)}&task_id=${segment(task.taskId)}&tab=logs${mapped ? `&map_index=${task.mapIndex}` : ""}`;
  }
  const place = `${runPage(instance, task)}/tasks/${segment(task.taskId)}${mapped ? `/mapped/${task.mapIndex}` : ""}`;
  return tryNumber > 0 ? `${place}?try_number=${tryNumber}` : place;
};
