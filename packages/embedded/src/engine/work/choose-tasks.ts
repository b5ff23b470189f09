import { hostname } from "node:os";
import type { EngineDatabase } from "../database/open-database.ts";
import type { Micros } from "../instants.ts";
import { DEFAULT_POOL } from "../tasks/task-row.ts";
import type { EngineLimits } from "./limits.ts";
import type { TryAddress } from "./settle-try.ts";

/** A try that has begun in the database, and is to be carried out now. */
export interface BegunTry extends TryAddress {
  readonly dagId: string;
  readonly runId: string;
  readonly version: number;
  readonly conf: string;
  readonly logicalDate: Micros | null;
}

interface Candidate {
  readonly run: number;
  readonly task_id: string;
  readonly pool: string;
  readonly try_number: number;
  readonly queued_at: Micros | null;
  readonly dag_id: string;
  readonly run_id: string;
  readonly version: number;
  readonly conf: string;
  readonly logical_date: Micros | null;
}

/** Slots of a pool. One that nobody defined holds up nothing: the try says so and fails. */
const slotsOf = ({ pools, concurrency }: EngineLimits, pool: string): number =>
  pools[pool] ?? (pool === DEFAULT_POOL ? concurrency : Number.POSITIVE_INFINITY);

interface Room {
  readonly database: EngineDatabase;
  readonly limits: EngineLimits;
  /** Tries under way, by pool. */
  readonly busy: ReadonlyMap<string, number>;
  readonly underWay: number;
  /** A task whose earlier try has not gone yet must wait for that. */
  readonly isUnderWay: (run: number, taskId: string) => boolean;
  readonly at: Micros;
}

const WAITING = `select t.run, t.task_id, t.pool, t.try_number, t.queued_at, r.dag_id, r.run_id, r.version, r.conf, r.logical_date
  from task_instances t join runs r on r.id = t.run join plans p on p.dag_id = r.dag_id
  where t.state = 'scheduled' and r.state = 'running' and p.is_paused = 0
    and t.pool not in (select value from json_each(?))
  order by t.run, t.place limit ?`;

/**
 * Begins as many scheduled tasks as the limits allow, those of the oldest runs first; a full pool holds up nobody else.
 * Within the caller's transaction: what is begun here counts as under way, whatever happens to this process.
 */
export const chooseTasks = ({ database, limits, busy, underWay, isUnderWay, at }: Room): readonly BegunTry[] => {
  const used = new Map(busy);
  const begun: BegunTry[] = [];
  const passedOver = new Set<string>();
  for (;;) {
    const free = limits.concurrency - underWay - begun.length;
    const full = [...used].filter(([pool, count]) => count >= slotsOf(limits, pool)).map(([pool]) => pool);
    if (free <= 0) return begun;
    const rows = database.all<Candidate>(WAITING, JSON.stringify(full), free + passedOver.size);
    const before = begun.length + passedOver.size + full.length;
    for (const row of rows) {
      const key = `${row.run} ${row.task_id}`;
      const count = used.get(row.pool) ?? 0;
      if (passedOver.has(key) || count >= slotsOf(limits, row.pool)) continue;
      if (isUnderWay(row.run, row.task_id)) {
        passedOver.add(key);
        continue;
      }
      if (begun.length + underWay >= limits.concurrency) return begun;
      begun.push(begin(database, row, at));
      used.set(row.pool, count + 1);
    }
    const nowFull = [...used].filter(([pool, count]) => count >= slotsOf(limits, pool)).length;
    if (begun.length + passedOver.size + nowFull === before) return begun;
  }
};

const HOST = hostname();

const begin = (database: EngineDatabase, row: Candidate, at: Micros): BegunTry => {
  const tryNumber = row.try_number + 1;
  database.run(
    `update task_instances set state = 'running', try_number = ?, started_at = ?, ended_at = null, retry_at = null,
       hostname = ?, pid = null where run = ? and task_id = ?`,
    tryNumber,
    at,
    HOST,
    row.run,
    row.task_id,
  );
  database.run(
    `insert into tries (run, task_id, try_number, state, queued_at, started_at, hostname)
     values (?, ?, ?, 'running', ?, ?, ?)`,
    row.run,
    row.task_id,
    tryNumber,
    row.queued_at,
    at,
    HOST,
  );
  return {
    run: row.run,
    taskId: row.task_id,
    tryNumber,
    dagId: row.dag_id,
    runId: row.run_id,
    version: row.version,
    conf: row.conf,
    logicalDate: row.logical_date,
  };
};
