import type { FleetInstance } from "@airfleet/control";
import type { RunAddress, TaskAddress } from "@airfleet/model";

/** Pages of the instance's own UI. The two generations of Airflow name them differently. */
const baseOf = (instance: FleetInstance): string => instance.url.replace(/\/+$/, "");
const segment = encodeURIComponent;
const isLegacy = (instance: FleetInstance): boolean => instance.status.generation === 2;

export const dagPage = (instance: FleetInstance, dagId: string): string =>
  `${baseOf(instance)}/dags/${segment(dagId)}${isLegacy(instance) ? "/grid" : ""}`;

export const runPage = (instance: FleetInstance, { dagId, runId }: RunAddress): string =>
  isLegacy(instance)
    ? `${dagPage(instance, dagId)}?dag_run_id=${segment(runId)}`
    : `${dagPage(instance, dagId)}/runs/${segment(runId)}`;

export const taskPage = (instance: FleetInstance, task: TaskAddress): string => {
  const mapped = task.mapIndex >= 0;
  if (isLegacy(instance)) {
    return `${runPage(instance, task)}&task_id=${segment(task.taskId)}${mapped ? `&map_index=${task.mapIndex}` : ""}`;
  }
  return `${runPage(instance, task)}/tasks/${segment(task.taskId)}${mapped ? `/mapped/${task.mapIndex}` : ""}`;
};
