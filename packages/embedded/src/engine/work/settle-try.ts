import { isAirfleetError, type StepResult } from "@airfleet/model";
import type { EngineDatabase } from "../database/open-database.ts";
import type { Micros } from "../instants.ts";
import { type LoadedPlan, retriesOf, retryDelaySeconds } from "../plans/loaded-plan.ts";
import type { TaskRow } from "../tasks/task-row.ts";
import type { EngineLimits } from "./limits.ts";

/** Which attempt. */
export interface TryAddress {
  readonly run: number;
  readonly taskId: string;
  readonly tryNumber: number;
}

/** How an attempt ended: its processes are gone. */
export type TryOutcome =
  | { readonly kind: "success"; readonly result: StepResult }
  /** `isFinal`: trying again would change nothing. */
  | { readonly kind: "failed"; readonly isFinal: boolean };

/** A refusal fails the same way again, whatever is waited for. */
export const isFinalFailure = (error: unknown): boolean => isAirfleetError(error) && !error.retryable;

/**
 * Writes down how an attempt ended, within the caller's transaction. A task that was stopped, cleared or marked by hand
 * meanwhile keeps the state that it was given; only that the processes are gone is then noted.
 *
 * @returns whether the task moved
 */
export const settleTry = (
  database: EngineDatabase,
  { run, taskId, tryNumber }: TryAddress,
  outcome: TryOutcome,
  { plan, limits, at }: { readonly plan: LoadedPlan; readonly limits: EngineLimits; readonly at: Micros },
): boolean => {
  database.run(
    `update tries set gone_at = ?, ended_at = coalesce(ended_at, ?), state = case when state = 'running' then ? else state end
     where run = ? and task_id = ? and try_number = ?`,
    at,
    at,
    outcome.kind,
    run,
    taskId,
    tryNumber,
  );
  const task = database.one<TaskRow>("select * from task_instances where run = ? and task_id = ?", run, taskId);
  if (task === undefined || task.state !== "running" || task.try_number !== tryNumber) return false;
  if (outcome.kind === "success") {
    const sql = "update task_instances set state = 'success', ended_at = ?, result = ? where run = ? and task_id = ?";
    database.run(sql, at, JSON.stringify(outcome.result), run, taskId);
    return true;
  }
  const step = plan.steps.get(taskId);
  const retry = step === undefined ? limits.retry : retriesOf(step, limits.retry);
  if (outcome.isFinal || tryNumber > task.max_tries) {
    const sql = "update task_instances set state = 'failed', ended_at = ? where run = ? and task_id = ?";
    database.run(sql, at, run, taskId);
    return true;
  }
  const failedTries = tryNumber - (task.max_tries - retry.count);
  database.run(
    "update task_instances set state = 'up_for_retry', ended_at = ?, retry_at = ? where run = ? and task_id = ?",
    at,
    at + Math.round(retryDelaySeconds(retry, failedTries) * 1_000_000),
    run,
    taskId,
  );
  return true;
};
