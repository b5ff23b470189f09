import type { TaskRecord } from "../world/task-record.ts";
import { tasksOf } from "../world/tasks-of-run.ts";
import { findRun } from "../world/world.ts";
import { refuse } from "./problem.ts";
import { param, type V1Call } from "./route.ts";

/** All instances of the task that the path names: several for a mapped one, none when run or task are unknown. */
export const instancesOf = (call: V1Call): readonly TaskRecord[] => {
  const { world } = call.deployment;
  const run = findRun(world, param(call, "dag_id"), param(call, "dag_run_id"));
  const taskId = param(call, "task_id");
  return run === undefined ? [] : tasksOf(world, run).filter((task) => task.task.taskId === taskId);
};

const notFound = (detail: string | null = null): never => refuse(404, { title: "Task instance not found", detail });

/** The plain task instance of the path; a mapped one needs its index. */
export const taskOr404 = (call: V1Call): TaskRecord => {
  const [first] = instancesOf(call);
  if (first === undefined) return notFound();
  return first.mapIndex >= 0 ? notFound("Task instance is mapped, add the map_index value to the URL") : first;
};

/** The mapped task instance of the path. */
export const mappedTaskOr404 = (call: V1Call): TaskRecord => {
  const index = Number(param(call, "map_index"));
  return instancesOf(call).find((task) => task.mapIndex === index) ?? notFound();
};
