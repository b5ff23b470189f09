import type { Step } from "@airfleet/model";
import type { EngineDatabase } from "../database/open-database.ts";
import type { Micros, Now } from "../instants.ts";
import { openTryLog } from "../logs/try-log.ts";
import type { PlanShelf } from "../plans/plan-shelf.ts";
import type { TryRow } from "../tasks/task-row.ts";
import type { EngineLimits } from "./limits.ts";
import { settleTry } from "./settle-try.ts";

/** A step that was interrupted this often is what brings the engine down, or is never given the time it takes. */
export const MOST_INTERRUPTIONS = 25;

/**
 * Whether a step that was cut off may simply be begun again, without that counting as a failure: it makes files out of
 * files, or what it writes replaces what was there. What appends, and commands, may have had their effect already: they
 * have failed, and are tried again as often as they themselves allow.
 */
export const isRepeatable = ({ body }: Step): boolean => {
  switch (body.kind) {
    case "read":
    case "sql":
    case "branch":
    case "python":
      return true;
    case "write":
      return body.mode !== "append";
    case "command":
      return false;
    default:
      return body satisfies never;
  }
};

interface Recovery {
  readonly database: EngineDatabase;
  readonly shelf: PlanShelf;
  readonly limits: EngineLimits;
  readonly now: Now;
}

type LostTry = TryRow & { readonly dag_id: string; readonly version: number };

/**
 * Takes over what a dead holder of the lease had under way; its processes are gone already. Each cut-off try has failed;
 * its task is begun again, or tried again as its retries say.
 *
 * @returns how many tries were cut off
 */
export const recoverTries = ({ database, shelf, limits, now }: Recovery, isOurs: () => boolean): number => {
  const lost = database.transaction(() => {
    if (!isOurs()) return [];
    const rows = database.all<LostTry>(
      "select t.*, r.dag_id, r.version from tries t join runs r on r.id = t.run where t.gone_at is null",
    );
    for (const row of rows) recoverTry({ database, shelf, limits, now }, row, now() * 1_000);
    return rows;
  });
  for (const { run, task_id: taskId, try_number: tryNumber } of lost) {
    const log = openTryLog(database.directory, { run, taskId, tryNumber }, { bytes: 0, now });
    log.note("error", "The server that carried this out was ended, and the step with it: its processes are gone.");
    log.close();
  }
  return lost.length;
};

const recoverTry = ({ database, shelf, limits }: Recovery, row: LostTry, at: Micros): void => {
  const plan = shelf.version(row.dag_id, row.version);
  const step = plan?.steps.get(row.task_id);
  const address = { run: row.run, taskId: row.task_id, tryNumber: row.try_number };
  if (plan === null || step === undefined) {
    database.run("update tries set gone_at = ?, ended_at = coalesce(ended_at, ?) where run = ?", at, at, row.run);
    return;
  }
  const moved = settleTry(database, address, { kind: "failed", isFinal: false }, { plan, limits, at });
  if (!moved || !isRepeatable(step)) return;
  database.run(
    `update task_instances set state = 'scheduled', retry_at = null, ended_at = null, max_tries = max_tries + 1,
       interruptions = interruptions + 1
     where run = ? and task_id = ? and interruptions < ?`,
    row.run,
    row.task_id,
    MOST_INTERRUPTIONS,
  );
};
