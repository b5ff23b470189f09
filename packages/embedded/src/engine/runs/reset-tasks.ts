import type { NodeRetry } from "@airfleet/model";
import type { EngineDatabase } from "../database/open-database.ts";
import type { Micros } from "../instants.ts";
import { type LoadedPlan, retriesOf } from "../plans/loaded-plan.ts";
import type { RunRow } from "./run-row.ts";

export interface TasksToReset {
  readonly plan: LoadedPlan | null;
  /** Retries of steps that say nothing of them. */
  readonly usual: NodeRetry;
  readonly taskIds: readonly string[];
  readonly at: Micros;
}

/**
 * Puts tasks back to the beginning, with all their retries before them, and lets the run go on; within the caller's
 * transaction. Tries stay as they were.
 */
export const resetTasks = (database: EngineDatabase, run: RunRow, { plan, usual, taskIds, at }: TasksToReset): void => {
  if (taskIds.length === 0) return;
  for (const taskId of taskIds) {
    const step = plan?.steps.get(taskId);
    const { count } = step === undefined ? usual : retriesOf(step, usual);
    database.run(
      `update task_instances set state = 'none', max_tries = try_number + ?, interruptions = 0, queued_at = null,
         started_at = null, ended_at = null, retry_at = null, hostname = null, pid = null, result = null
       where run = ? and task_id = ?`,
      count,
      run.id,
      taskId,
    );
  }
  database.run(
    `update runs set updated_at = ?, state = case when state in ('success', 'failed') then 'queued' else state end,
       queued_at = case when state in ('success', 'failed') then ? else queued_at end,
       started_at = case when state in ('success', 'failed') then null else started_at end, ended_at = null
     where id = ?`,
    at,
    at,
    run.id,
  );
};
