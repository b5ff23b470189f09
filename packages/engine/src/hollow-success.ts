import type { TaskInstance } from "@airfleet/model";

/**
 * Whether a run that calls itself a success did nothing: every task of it is `removed`. Airflow 2's scheduler keeps
 * DAGs in a cache for ten seconds; a run triggered in that time after a deploy that renamed tasks is checked against
 * the old DAG, loses all its tasks and ends as a success (reproduced on 2.11.2). A run without any task is no such case:
 * its DAG has none.
 */
export const isHollowSuccess = (tasks: readonly Pick<TaskInstance, "state">[]): boolean =>
  tasks.length > 0 && tasks.every(({ state }) => state === "removed");
