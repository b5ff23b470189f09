import type { RunAddress, TaskAddress } from "@airfleet/model";
import type { FleetInstance } from "./fleet-instance.ts";

// Pages of the instance's own UI. The two generations of Airflow name them differently.

const baseOf = (instance: FleetInstance): string => instance.url.replace(/\/+$/, "");
const segment = encodeURIComponent;
const isLegacy = (instance: FleetInstance): boolean => instance.status.generation === 2;

/** A DAG in its instance's own UI. */
export const dagPage = (instance: FleetInstance, dagId: string): string =>
  `${baseOf(instance)}/dags/${segment(dagId)}${isLegacy(instance) ? "/grid" : ""}`;

/** A run in its instance's own UI. */
export const runPage = (instance: FleetInstance, { dagId, runId }: RunAddress): string =>
  isLegacy(instance)
    ? `${dagPage(instance, dagId)}?dag_run_id=${segment(runId)}`
    : `${dagPage(instance, dagId)}/runs/${segment(runId)}`;

/**
 * A task of a run, or one try of it, with its log in front. Airflow 2's grid has no address for a try: it opens the
 * newest. Routes as the installed 2.11 and 3.3 have them.
 */
export const taskPage = (instance: FleetInstance, task: TaskAddress, tryNumber = 0): string => {
  const mapped = task.mapIndex >= 0;
  if (isLegacy(instance)) {
    return `${runPage(instance, task)}&task_id=${segment(task.taskId)}&tab=logs${mapped ? `&map_index=${task.mapIndex}` : ""}`;
  }
  const place = `${runPage(instance, task)}/tasks/${segment(task.taskId)}${mapped ? `/mapped/${task.mapIndex}` : ""}`;
  return tryNumber > 0 ? `${place}?try_number=${tryNumber}` : place;
};
