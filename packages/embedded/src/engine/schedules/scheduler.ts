import type { NodeRetry } from "@airfleet/model";
import type { EngineDatabase } from "../database/open-database.ts";
import { type Micros, toIsoformat } from "../instants.ts";
import type { LoadedPlan } from "../plans/loaded-plan.ts";
import type { PlanShelf, ShelvedPlan } from "../plans/plan-shelf.ts";
import { insertRun } from "../runs/create-run.ts";
import { type Interval, type MissedRuns, nextInterval } from "./next-interval.ts";

interface SchedulerOptions {
  readonly database: EngineDatabase;
  readonly shelf: PlanShelf;
  /** For schedules that do not catch up. */
  readonly missedRuns: Exclude<MissedRuns, "all">;
  /** Retries of steps that say nothing of them. */
  readonly usual: NodeRetry;
}

/** Creates the runs of schedules, each exactly once. */
export interface Scheduler {
  /** Within the caller's transaction. */
  createDueRuns(at: Micros): void;
  /** When the next one is due; infinite when none is. */
  nextAt(): Micros;
  /** What was written may have been undone. */
  forget(): void;
}

const PAGE = 500;
/** How soon it is looked again whether a DAG has room for another run. */
const FULL_MICROS = 1_000_000;

/** The next run of a DAG on schedule; null when it has no schedule, or no more ticks. */
export const nextRunOf = (
  database: EngineDatabase,
  { plan, calendar }: LoadedPlan,
  { missedRuns, at }: { readonly missedRuns: SchedulerOptions["missedRuns"]; readonly at: Micros },
): Interval | null => {
  const { schedule } = plan;
  if (schedule === null || calendar === null) return null;
  const sql = "select interval_end from schedules where dag_id = ?";
  const last = database.one<{ interval_end: Micros }>(sql, plan.dagId)?.interval_end;
  return nextInterval({
    calendar,
    startDate: new Date(schedule.startDate),
    endDate: schedule.endDate === null ? null : new Date(schedule.endDate),
    lastEnd: last === undefined ? null : new Date(last / 1_000),
    missed: schedule.catchup ? "all" : missedRuns,
    now: new Date(at / 1_000),
  });
};

/**
 * A run of a schedule is named after its interval, and where the schedule stands is written with it in one transaction:
 * so it is created once, whoever is killed when. As in Airflow no more are created than may be active at a time.
 */
export const createScheduler = ({ database, shelf, missedRuns, usual }: SchedulerOptions): Scheduler => {
  const dueAt = new Map<string, Micros>();
  let seenChange = -1;

  const hasRoom = (dagId: string, { plan }: LoadedPlan): boolean => {
    const queued = database.one<{ n: number }>(
      "select count(*) n from runs where dag_id = ? and state = 'queued'",
      dagId,
    );
    const running = database.one<{ n: number }>(
      "select count(*) n from runs where dag_id = ? and state = 'running'",
      dagId,
    );
    return (queued?.n ?? 0) + (running?.n ?? 0) < plan.maxActiveRuns;
  };

  const create = (loaded: LoadedPlan, { start, end }: Interval, at: Micros): void => {
    const { dagId } = loaded.plan;
    const logicalDate = start.getTime() * 1_000;
    const runAfter = end.getTime() * 1_000;
    const runId = `scheduled__${toIsoformat(logicalDate)}`;
    const taken = database.one(
      "select 1 from runs where dag_id = ? and (logical_date = ? or run_id = ?)",
      dagId,
      logicalDate,
      runId,
    );
    // Somebody ran this interval by hand.
    if (taken === undefined) {
      const interval = { start: logicalDate, end: runAfter };
      const run = { runId, type: "scheduled", conf: "{}", note: null, logicalDate, interval, runAfter } as const;
      insertRun(database, loaded, run, { at, usual });
    }
    database.run(
      `insert into schedules (dag_id, interval_end) values (?, ?)
       on conflict (dag_id) do update set interval_end = excluded.interval_end`,
      dagId,
      runAfter,
    );
  };

  /** Creates what is due of one DAG, and notes when to look again. */
  const serve = ({ dagId, isPaused, isRemoved, loaded }: ShelvedPlan, at: Micros): void => {
    dueAt.delete(dagId);
    if (isPaused || isRemoved || loaded === null || loaded.calendar === null) return;
    for (;;) {
      const next = nextRunOf(database, loaded, { missedRuns, at });
      if (next === null) return;
      const due = next.end.getTime() * 1_000;
      const isFull = due <= at && !hasRoom(dagId, loaded);
      if (due > at || isFull) {
        dueAt.set(dagId, isFull ? at + FULL_MICROS : due);
        return;
      }
      create(loaded, next, at);
    }
  };

  const serveAll = (at: Micros): void => {
    dueAt.clear();
    for (let after = "", page: readonly ShelvedPlan[] = []; ; after = page.at(-1)?.dagId ?? "") {
      page = shelf.list(after, PAGE);
      for (const shelved of page) serve(shelved, at);
      if (page.length < PAGE) return;
    }
  };

  return {
    createDueRuns(at) {
      const change = shelf.lastChange();
      if (change !== seenChange) {
        serveAll(at);
        seenChange = change;
        return;
      }
      for (const [dagId, due] of dueAt) {
        if (due > at) continue;
        const shelved = shelf.find(dagId);
        if (shelved !== undefined) serve(shelved, at);
      }
    },
    nextAt: () => Math.min(Number.POSITIVE_INFINITY, ...dueAt.values()),
    forget() {
      seenChange = -1;
    },
  };
};
