import type { StepResult, TaskState } from "@airfleet/model";
import type { EngineDatabase } from "../database/open-database.ts";
import type { Micros } from "../instants.ts";
import type { PlanShelf } from "../plans/plan-shelf.ts";
import type { RunRow } from "../runs/run-row.ts";
import { decideRun, type TaskStanding } from "./decide-tasks.ts";

interface StandingRow {
  readonly task_id: string;
  readonly state: TaskState;
  readonly result: string | null;
}

const toStanding = ({ state, result }: StandingRow): TaskStanding => ({
  state,
  chosen: result === null ? null : (JSON.parse(result) as StepResult).chosen,
});

/**
 * Lets a running run go on by one step of reasoning: tasks that may start are scheduled, those that never will are
 * ended, and the run ends with its last task. Within the caller's transaction.
 *
 * @returns whether the run has ended
 */
export const advanceRun = (database: EngineDatabase, shelf: PlanShelf, run: RunRow, at: Micros): boolean => {
  const plan = shelf.version(run.dag_id, run.version);
  if (plan === null) return false;
  const rows = database.all<StandingRow>("select task_id, state, result from task_instances where run = ?", run.id);
  const standings = new Map(rows.map((row) => [row.task_id, toStanding(row)]));
  const { tasks, verdict } = decideRun(plan.plan, standings);
  for (const { step, to } of tasks) {
    if (to === "scheduled") {
      database.run(
        "update task_instances set state = 'scheduled', queued_at = ? where run = ? and task_id = ?",
        at,
        run.id,
        step,
      );
    } else {
      const sql = "update task_instances set state = ?, ended_at = ? where run = ? and task_id = ?";
      database.run(sql, to, at, run.id, step);
    }
  }
  if (verdict === null) return false;
  database.run("update runs set state = ?, ended_at = ?, updated_at = ? where id = ?", verdict, at, at, run.id);
  return true;
};

/**
 * Begins runs of a DAG that wait and may start, oldest first, as many as its limit leaves room for.
 *
 * @returns the runs that have begun
 */
export const admitRuns = (database: EngineDatabase, shelf: PlanShelf, dagId: string, at: Micros): readonly number[] => {
  const shelved = shelf.find(dagId);
  if (shelved === undefined || shelved.isPaused || shelved.loaded === null) return [];
  const sql = "select count(*) count from runs where dag_id = ? and state = 'running'";
  const active = database.one<{ count: number }>(sql, dagId)?.count ?? 0;
  const room = shelved.loaded.plan.maxActiveRuns - active;
  if (room <= 0) return [];
  const waiting = database.all<{ id: number }>(
    "select id from runs where dag_id = ? and state = 'queued' and run_after <= ? order by id limit ?",
    dagId,
    at,
    room,
  );
  for (const { id } of waiting) {
    const begin = "update runs set state = 'running', started_at = ?, updated_at = ? where id = ?";
    database.run(begin, at, at, id);
  }
  return waiting.map(({ id }) => id);
};
