import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "../logger.ts";
import type { StepRunner } from "../../steps/step-runner.ts";
import { createWorkLease, HEARTBEAT_MS } from "../database/lease.ts";
import type { EngineDatabase } from "../database/open-database.ts";
import type { Now } from "../instants.ts";
import type { PlanShelf } from "../plans/plan-shelf.ts";
import type { RunRow } from "../runs/run-row.ts";
import { createScheduler, type Scheduler } from "../schedules/scheduler.ts";
import { DEFAULT_POOL } from "../tasks/task-row.ts";
import { admitRuns, advanceRun } from "./advance-runs.ts";
import { carryOutTry } from "./carry-out.ts";
import { type BegunTry, chooseTasks } from "./choose-tasks.ts";
import { createCleaner } from "./clean-up.ts";
import type { EngineLimits } from "./limits.ts";
import { endOrphans, MARK, markOf } from "./orphans.ts";
import { recoverTries } from "./recover.ts";
import { settleTry, type TryOutcome } from "./settle-try.ts";

export interface WorkerOptions {
  readonly database: EngineDatabase;
  readonly shelf: PlanShelf;
  /** Makes what carries out steps; each of its processes must carry this environment. */
  readonly openRunner: (environment: Readonly<Record<string, string>>) => StepRunner;
  readonly limits: EngineLimits;
  readonly now: Now;
  readonly logger: Logger;
}

/** Runs the work while it holds the lease, and waits for it while another process does. */
export interface Worker {
  /** Something was written by this process that may be work: of this run, where one was changed. */
  wake(run?: number): void;
  close(): Promise<void>;
}

/** How often it is looked whether another process wrote, and whether a time has come. */
const LOOK_MS = 100;
/** How often a process that waits for the lease asks for it. */
const ASK_MS = 500;
/** Tries that last longer have their process written down. */
const TELL_MS = 200;
/** Steps under way may end by themselves for this long when the server goes down, and have this long to die. */
const DRAIN_MS = 8_000;
const DRAIN_LOOK_MS = 5;

interface Flight {
  readonly begun: BegunTry;
  readonly pool: string;
  readonly abort: AbortController;
  telling?: NodeJS.Timeout;
}

const STOPPED = new Error("the task was stopped");
const CLOSING = new Error("the server is going down");

const keyOf = ({ run, taskId }: Pick<BegunTry, "run" | "taskId">): string => `${run} ${taskId}`;

/**
 * What it does in one turn is one transaction: what ended is written down, runs that may begin do, each run that moved
 * goes on, and tasks that may start are written as started. Only then are they started. So a process that is killed at
 * any instant leaves a database that says what was under way, and nothing under way that the database does not know.
 */
export const createWorker = ({ database, shelf, openRunner, limits, now, logger }: WorkerOptions): Worker => {
  const lease = createWorkLease(database, now);
  const scheduler: Scheduler = createScheduler({ database, shelf, missedRuns: limits.missedRuns, usual: limits.retry });
  const cleaner = createCleaner({ database, limits, now, logger });
  const flights = new Map<string, Flight>();
  let ended: { readonly flight: Flight; readonly outcome: TryOutcome }[] = [];
  let runner: StepRunner | undefined;
  let environment: Readonly<Record<string, string>> = {};
  const touched = new Set<number>();
  let isClosing = false;
  let isAwake = false;
  let looksAtAll = true;
  let dueAt = Number.POSITIVE_INFINITY;
  let beatAt = 0;
  let askAt = 0;
  let taking: Promise<void> | undefined;

  const loseLease = (): void => {
    logger.warn({}, "another process has taken the work of the embedded engine; this one stops its steps");
    for (const { abort } of flights.values()) abort.abort(CLOSING);
    const lost = runner;
    runner = undefined;
    void lost?.close().catch(() => undefined);
  };

  /** Ends what is under way for tasks that were stopped, cleared or marked meanwhile. */
  const endStopped = (): void => {
    for (const { begun, abort } of flights.values()) {
      const sql = "select state, try_number from task_instances where run = ? and task_id = ?";
      const row = database.one<{ state: string; try_number: number }>(sql, begun.run, begun.taskId);
      if (row?.state !== "running" || row.try_number !== begun.tryNumber) abort.abort(STOPPED);
    }
  };

  const fly = async (flight: Flight, flying: Promise<TryOutcome>): Promise<void> => {
    const outcome = await flying;
    ended.push({ flight, outcome });
    clearTimeout(flight.telling);
    wake();
  };

  const launch = (begun: BegunTry): void => {
    const plan = shelf.version(begun.dagId, begun.version);
    if (plan === null || runner === undefined) return;
    const pool = plan.steps.get(begun.taskId)?.pool ?? DEFAULT_POOL;
    const flight: Flight = { begun, pool, abort: new AbortController() };
    flights.set(keyOf(begun), flight);
    const context = { database, runner, limits, now, environment, onProcess };
    void fly(flight, carryOutTry(context, plan, begun, flight.abort.signal));
  };

  /** Written down of tries that take a while: for the others nobody has the time to ask. */
  const onProcess = (begun: BegunTry, pid: number): void => {
    const flight = flights.get(keyOf(begun));
    if (flight === undefined) return;
    flight.telling = setTimeout(() => {
      database.transaction(() => {
        if (!lease.isOurs()) return;
        const own = "where run = ? and task_id = ? and try_number = ?";
        database.run(`update tries set pid = ? ${own}`, pid, begun.run, begun.taskId, begun.tryNumber);
        database.run(`update task_instances set pid = ? ${own}`, pid, begun.run, begun.taskId, begun.tryNumber);
      });
    }, TELL_MS);
  };

  const busyPools = (): ReadonlyMap<string, number> => {
    const busy = new Map<string, number>();
    for (const { pool } of flights.values()) busy.set(pool, (busy.get(pool) ?? 0) + 1);
    return busy;
  };

  const turn = (): { readonly begun: readonly BegunTry[]; readonly hasEnded: boolean } => {
    const at = now() * 1_000;
    const settled = ended;
    const moved = new Set<number>(touched);
    let hasEnded = false;
    for (const { flight, outcome } of settled) {
      const plan = shelf.version(flight.begun.dagId, flight.begun.version);
      // A step that the server's own end cut off is left as it is: whoever is next takes it over.
      const isCutOff = flight.abort.signal.reason === CLOSING && outcome.kind === "failed";
      if (plan === null || isCutOff) continue;
      if (settleTry(database, flight.begun, outcome, { plan, limits, at })) moved.add(flight.begun.run);
    }
    const retried =
      "update task_instances set state = 'scheduled', queued_at = ?, retry_at = null where state = 'up_for_retry' and retry_at <= ?";
    database.run(retried, at, at);
    scheduler.createDueRuns(at);
    const admit = (dagId: string): void => {
      for (const id of admitRuns(database, shelf, dagId, at)) moved.add(id);
    };
    for (const { dag_id: dagId } of database.all<{ dag_id: string }>(
      "select distinct dag_id from runs where state = 'queued' and run_after <= ?",
      at,
    )) {
      admit(dagId);
    }
    if (looksAtAll) {
      for (const { id } of database.all<{ id: number }>("select id from runs where state = 'running'")) moved.add(id);
    }
    // A run may end at once, and make room for the next of its DAG, which may end at once as well.
    for (const id of moved) {
      const run = database.one<RunRow>("select * from runs where id = ? and state = 'running'", id);
      if (run === undefined || !advanceRun(database, shelf, run, at)) continue;
      hasEnded = true;
      admit(run.dag_id);
    }
    const under = new Set(
      [...flights.keys()].filter((key) => !settled.some(({ flight }) => keyOf(flight.begun) === key)),
    );
    for (const { flight } of settled) flights.delete(keyOf(flight.begun));
    const begun = isClosing
      ? []
      : chooseTasks({
          database,
          limits,
          busy: busyPools(),
          underWay: under.size,
          isUnderWay: (run, taskId) => under.has(keyOf({ run, taskId })),
          at,
        });
    dueAt = Math.min(scheduler.nextAt(), nextTimeOf(database, at));
    return { begun, hasEnded };
  };

  const work = (): void => {
    isAwake = false;
    if (runner === undefined) return;
    // What is asked before the turn is seen by it; what comes during it is seen by the next.
    looksAtAll ||= database.hasForeignChanges();
    try {
      const result = database.transaction(() => (lease.isOurs() ? turn() : null));
      if (result === null) return loseLease();
      ended = [];
      touched.clear();
      looksAtAll = false;
      endStopped();
      for (const begun of result.begun) launch(begun);
      if (result.hasEnded) void database.synced();
    } catch (error) {
      logger.error({ err: error }, "the embedded engine could not write; it tries again");
      looksAtAll = true;
      scheduler.forget();
      dueAt = now() * 1_000 + 1_000_000;
    }
  };

  const wake = (): void => {
    if (isAwake) return;
    isAwake = true;
    setImmediate(work);
  };

  const take = async (): Promise<void> => {
    if (!lease.take()) return;
    const { token } = lease;
    beatAt = now() + HEARTBEAT_MS;
    const orphans = await endOrphans(database.id, (old) => old < token);
    if (isClosing || !lease.renew()) return;
    const lost = recoverTries({ database, shelf, limits, now }, () => lease.isOurs());
    environment = { [MARK]: markOf(database.id, token) };
    runner = openRunner(environment);
    looksAtAll = true;
    logger.info({ orphans, lost }, "the embedded engine runs in this process");
    wake();
  };

  const look = (): void => {
    const time = now();
    if (runner === undefined) {
      if (taking !== undefined || time < askAt) return;
      askAt = time + ASK_MS;
      taking = take()
        .catch((error: unknown) => logger.error({ err: error }, "the embedded engine cannot take over the work"))
        .finally(() => (taking = undefined));
      return;
    }
    try {
      if (time >= beatAt) {
        beatAt = time + HEARTBEAT_MS;
        if (!lease.renew()) return loseLease();
        cleaner.cleanSome();
      }
      if (database.hasForeignChanges()) {
        looksAtAll = true;
        wake();
      } else if (time * 1_000 >= dueAt) wake();
    } catch (error) {
      logger.error({ err: error }, "the embedded engine cannot read its file; it tries again");
    }
  };

  const timer = setInterval(look, LOOK_MS);
  look();

  const flightsEnd = async (withinMs: number): Promise<void> => {
    const end = now() + withinMs;
    while (flights.size > 0 && now() < end) await delay(DRAIN_LOOK_MS);
  };

  return {
    wake(run) {
      if (run !== undefined) touched.add(run);
      wake();
    },
    async close() {
      if (isClosing) return;
      isClosing = true;
      await taking;
      clearInterval(timer);
      if (runner !== undefined) {
        await flightsEnd(DRAIN_MS);
        for (const { abort } of flights.values()) abort.abort(CLOSING);
        await flightsEnd(DRAIN_MS);
        await runner.close();
        runner = undefined;
      }
      if (lease.token > 0) lease.release();
    },
  };
};

/** When the next run may begin, or the next try is due; microseconds. */
const nextTimeOf = (database: EngineDatabase, at: number): number => {
  const retry = "select min(retry_at) at from task_instances where state = 'up_for_retry'";
  const start = "select min(run_after) at from runs where state = 'queued' and run_after > ?";
  const times = [database.one<{ at: number | null }>(retry)?.at, database.one<{ at: number | null }>(start, at)?.at];
  return Math.min(...times.map((time) => time ?? Number.POSITIVE_INFINITY));
};
