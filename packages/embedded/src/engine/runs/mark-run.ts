import type { SettableRunState } from "@airfleet/model";
import type { EngineDatabase } from "../database/open-database.ts";
import type { Micros } from "../instants.ts";
import type { RunRow } from "./run-row.ts";

/** What becomes of tasks that had not ended: those that ran end with the run, the others are passed over. */
const endTasks = (database: EngineDatabase, run: number, state: "success" | "failed", at: Micros): void => {
  database.run(
    "update tries set state = ?, ended_at = ? where run = ? and state = 'running' and gone_at is null",
    state,
    at,
    run,
  );
  database.run(
    "update task_instances set state = ?, ended_at = ?, retry_at = null where run = ? and state = 'running'",
    state,
    at,
    run,
  );
  database.run(
    `update task_instances set state = 'skipped', ended_at = ?, retry_at = null
     where run = ? and state in ('none', 'scheduled', 'up_for_retry')`,
    at,
    run,
  );
};

/** Gives a run a state, within the caller's transaction. `failed` is how one is stopped: whoever works on it sees that. */
export const markRun = (database: EngineDatabase, run: RunRow, state: SettableRunState, at: Micros): void => {
  if (state === "queued") {
    const sql = "update runs set state = 'queued', started_at = null, ended_at = null, updated_at = ? where id = ?";
    if (run.state === "success" || run.state === "failed") database.run(sql, at, run.id);
    return;
  }
  endTasks(database, run.id, state, at);
  const sql = "update runs set state = ?, ended_at = coalesce(ended_at, ?), updated_at = ? where id = ?";
  database.run(sql, state, at, at, run.id);
};
