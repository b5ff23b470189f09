import type { TaskRecord } from "../world/task-record.ts";
import { tasksOf } from "../world/tasks-of-run.ts";
import { findRun } from "../world/world.ts";
import { refuse } from "./detail.ts";
import { param, type V2Call } from "./route.ts";

/** All instances of the task that the path names: several for a mapped one, none when run or task are unknown. */
export const instancesOf = (call: V2Call): readonly TaskRecord[] => {
  const { world } = call.deployment;
  const run = findRun(world, param(call, "dag_id"), param(call, "dag_run_id"));
  const taskId = param(call, "task_id");
  return run === undefined ? [] : tasksOf(world, run).filter((task) => task.task.taskId === taskId);
};

const addressText = (call: V2Call): string =>
  `dag_id: \`${param(call, "dag_id")}\`, run_id: \`${param(call, "dag_run_id")}\` and task_id: \`${param(call, "task_id")}\``;

/** The plain task instance of the path; a mapped one needs its index. */
export const taskOr404 = (call: V2Call): TaskRecord => {
  const [first] = instancesOf(call);
  if (first === undefined) return refuse(404, `The Task Instance with ${addressText(call)} was not found`);
  return first.mapIndex >= 0 ? refuse(404, "Task instance is mapped, add the map_index value to the URL") : first;
};

/** The mapped task instance of the path. */
export const mappedTaskOr404 = (call: V2Call): TaskRecord => {
  const index = param(call, "map_index");
  return (
    instancesOf(call).find((task) => String(task.mapIndex) === index) ??
    refuse(
      404,
      `The Mapped Task Instance with dag_id: \`${param(call, "dag_id")}\`, run_id: \`${param(call, "dag_run_id")}\`, task_id: \`${param(call, "task_id")}\`, and map_index: \`${index}\` was not found`,
    )
  );
};
