import { type Micros, SECOND, toOffsetDate } from "../clock/instant.ts";
import { ticksOf } from "../scheduler/ticks.ts";
import { nextRunOf } from "../scheduler/timetable.ts";
import type { HistorySpec } from "../specs/dag-spec.ts";
import { chanceOf, uuidOf } from "./chance.ts";
import type { DagRecord, NextRun } from "./dag-record.ts";
import type { RunRecord } from "./run-record.ts";
import type { World } from "./world.ts";

const NO_CONF: Readonly<Record<string, unknown>> = Object.freeze({});
const DEFAULT_EVERY_SECONDS = 86_400;
const DEFAULT_DURATION_SECONDS = 60;

const intervalOf = (world: World, dag: DagRecord, tick: Micros): NextRun => {
  const before = ticksOf(dag.serialized)?.atOrBefore(tick - 1) ?? tick;
  return world.generation === 2
    ? { logicalAt: before, intervalStart: before, intervalEnd: tick, runAfter: tick }
    : { logicalAt: tick, intervalStart: tick, intervalEnd: tick, runAfter: tick };
};

/** Points in time at which past runs started, oldest first. */
const pastTicks = (world: World, dag: DagRecord, history: HistorySpec): Micros[] => {
  const ticks = ticksOf(dag.serialized);
  const every = (history.everySeconds ?? DEFAULT_EVERY_SECONDS) * SECOND;
  const found: Micros[] = [];
  let at: Micros | null = ticks === undefined ? world.clock.now() - every : ticks.atOrBefore(world.clock.now());
  while (at !== null && found.length < history.runs) {
    found.push(at);
    at = ticks === undefined ? at - every : ticks.atOrBefore(at - 1);
  }
  return found.toReversed();
};

interface Past {
  readonly dag: DagRecord;
  readonly history: HistorySpec;
  readonly plan: NextRun;
  readonly tick: Micros;
  readonly isScheduled: boolean;
}

const names = new Map<string, string>();

/** Run ids of the same moment are one string, however many DAGs ran then. */
const runIdOf = (kind: string, at: Micros): string => {
  const key = `${kind}${at}`;
  const known = names.get(key);
  if (known !== undefined) return known;
  if (names.size > 100_000) names.clear();
  const name = `${kind}__${toOffsetDate(at)}`;
  names.set(key, name);
  return name;
};

const pastRun = (world: World, { dag, history, plan, tick, isScheduled }: Past): RunRecord => {
  const jitter = 0.6 + 0.8 * chanceOf(world.seed, "duration", dag.dagId, tick);
  const startAt = tick + Math.round(SECOND * (1 + chanceOf("start", dag.dagId, tick)));
  const planned = startAt + Math.round((history.durationSeconds ?? DEFAULT_DURATION_SECONDS) * SECOND * jitter);
  // What would still be running now has just ended: the past holds finished runs only.
  const endAt = Math.max(startAt, Math.min(planned, world.clock.now() - 1));
  const failed = chanceOf(world.seed, "past", dag.dagId, tick) < (history.failRate ?? 0);
  const dated = isScheduled || world.generation === 2;
  return {
    seq: world.ids.run++,
    dag,
    runId: runIdOf(isScheduled ? "scheduled" : "manual", world.generation === 2 ? plan.logicalAt : tick),
    runType: isScheduled ? "scheduled" : "manual",
    state: failed ? "failed" : "success",
    conf: NO_CONF,
    note: null,
    logicalAt: dated ? plan.logicalAt : null,
    intervalStart: dated ? plan.intervalStart : null,
    intervalEnd: dated ? plan.intervalEnd : null,
    runAfter: tick,
    queuedAt: tick,
    startAt,
    endAt,
    lastDecisionAt: endAt,
    updatedAt: endAt,
    triggeredBy: isScheduled ? "timetable" : "rest_api",
    triggeringUser: isScheduled ? null : "admin",
    version: dag.versions[0],
    backfillId: null,
    tasks: null,
  };
};

const pastOf = (world: World, dag: DagRecord): Past[] => {
  const history = dag.serialized.history;
  if (history === undefined || history.runs === 0) return [];
  const isScheduled = ticksOf(dag.serialized) !== undefined;
  const ticks = pastTicks(world, dag, history);
  const [oldest] = ticks;
  if (oldest !== undefined) {
    dag.versions = [{ id: uuidOf(oldest, 1, "version", dag.dagId, 1), number: 1, createdAt: oldest }];
  }
  return ticks.map((tick) => {
    const plan = isScheduled
      ? intervalOf(world, dag, tick)
      : { logicalAt: tick, intervalStart: tick, intervalEnd: tick, runAfter: tick };
    if (isScheduled) dag.lastAutomated = plan;
    return { dag, history, plan, tick, isScheduled };
  });
};

/** Gives these DAGs their past runs, all in order of time, and lets their schedules go on from there. */
export const addHistory = (world: World, dags: readonly DagRecord[]): void => {
  const past = dags.flatMap((dag) => pastOf(world, dag)).sort((a, b) => a.tick - b.tick);
  for (const one of past) {
    const run = pastRun(world, one);
    world.runs.push(run);
    run.dag.runs.set(run.runId, run);
  }
  for (const dag of dags) {
    dag.nextRun = nextRunOf(world.generation, dag.serialized, dag.lastAutomated, world.clock.now());
  }
};
