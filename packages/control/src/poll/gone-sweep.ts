import type { Engine } from "@airfleet/engine";
import { WINDOW_ROWS } from "@airfleet/engine";
import type { InstanceId, Run, RunAddress, RunKey } from "@airfleet/model";
import { toRunKey } from "@airfleet/model";
import type { Store, StoredRun } from "@airfleet/store";
import type { Clock } from "../clock.ts";
import type { RunReader } from "../runs/run-reader.ts";
import type { RunTracker } from "../runs/run-tracker.ts";
import type { TaskReader } from "../runs/task-reader.ts";
import { createKeptProgress } from "./kept-progress.ts";
import type { Chore } from "./run-history.ts";

interface SweepPorts {
  readonly instance: InstanceId;
  readonly store: Pick<Store, "runs" | "readings">;
  readonly tracker: RunTracker;
  readonly tasks: TaskReader;
  readonly reader: RunReader;
  readonly clock: Clock;
}

/** Where a lap over our runs of an instance has come to: behind this one. */
interface Position {
  readonly dueAt: number;
  readonly key: RunKey;
}

/** Runs of ours per step; the engine may have more in the same stretch of time. */
const BATCH = 400;
/** Single looks per step: a run is called gone only when the engine was asked for it by name. */
const CONFIRMATIONS = 20;
/** Runs under way per step that were not read for a while, though the feed shows those that run every few seconds. */
const LIVE_RUNS = 5;
const QUIET_MS = 60_000;
/** Deletions of young runs are of more interest: every other step looks at these only. */
const YOUNG_MS = 2 * 86_400_000;

const nameOf = ({ dagId, runId }: RunAddress): string => `${dagId}\n${runId}`;

/** What the engine has in the stretch of time of these runs; undefined when that is more than fits one answer. */
const listSame = async (
  engine: Engine,
  runs: readonly StoredRun[],
  signal: AbortSignal,
): Promise<readonly Run[] | undefined> => {
  const by = (await engine.capabilities({ signal })).dateless ? "runAfter" : "logicalDate";
  const times = runs.flatMap(({ record }) => {
    const time = record.read?.run[by];
    return time === undefined || time === null ? [] : [Date.parse(time)];
  });
  if (times.length === 0) return [];
  // The engine tells microseconds, and we compare milliseconds.
  const from = new Date(Math.min(...times) - 1).toISOString();
  const to = new Date(Math.max(...times) + 1).toISOString();
  const page = await engine.listRuns({ window: { by, from, to }, limit: WINDOW_ROWS }, { signal });
  return page.next === null ? page.items : undefined;
};

/**
 * Finds the runs that an instance has no more, which its feed does not tell: a lap over all that we know of it, a few
 * hundred runs at a time, each compared with one list of the same stretch of time. What the list has and we have not, or
 * have otherwise, is taken in as well, so that nothing that the feed may ever have missed is missed for good.
 */
export const createGoneSweep = ({ instance, store, tracker, tasks, reader, clock }: SweepPorts): Chore => {
  const kept = createKeptProgress(store, instance, "runs.gone");
  /** Undefined until it was read from the store; null at the beginning of a lap. */
  let oldLap: Position | null | undefined;
  let youngLap: Position | null = null;
  let isYoung = false;
  let batch = BATCH;

  const loadLap = async (): Promise<Position | null> => {
    const [dueAt, key] = ((await kept.load()) ?? "").split(" ");
    return dueAt === undefined || key === undefined ? null : { dueAt: Number(dueAt), key: toRunKey(key) };
  };

  const confirm = async (engine: Engine, runs: readonly RunAddress[], signal: AbortSignal): Promise<void> => {
    for (const run of runs) await reader.read(engine, run, { signal });
  };

  const checkLive = async (engine: Engine, signal: AbortSignal): Promise<void> => {
    const before = tracker.timeOf(instance) - QUIET_MS;
    const live = await store.runs.listLive(instance, LIVE_RUNS);
    const quiet = live.filter(({ record }) => (record.read?.at ?? 0) < before);
    await confirm(
      engine,
      quiet.map(({ record }) => record),
      signal,
    );
  };

  const compare = async (
    engine: Engine,
    ours: readonly StoredRun[],
    signal: AbortSignal,
  ): Promise<Position | "too much"> => {
    const at = tracker.timeOf(instance);
    const listed = await listSame(engine, ours, signal);
    if (listed === undefined && ours.length > 1) return "too much";
    const theirs = new Set((listed ?? []).map(nameOf));
    const known = new Map(ours.map(({ record }) => [nameOf(record), record.read?.run.engineState]));
    const news = (listed ?? []).filter((run) => known.get(nameOf(run)) !== run.engineState);
    const changes = await tracker.note(
      instance,
      news.map((run) => ({ kind: "read", dagId: run.dagId, runId: run.runId, source: "poll", at, run })),
    );
    await tasks.follow(engine, changes, signal);
    const missing = ours.filter(({ record }) => !theirs.has(nameOf(record)));
    const now = missing.slice(0, CONFIRMATIONS);
    await confirm(
      engine,
      now.map(({ record }) => record),
      signal,
    );
    // What there was no time for is where the next step begins.
    const last = missing.length > now.length ? now.at(-1) : ours.at(-1);
    return { dueAt: last?.dueAt ?? 0, key: last?.key ?? toRunKey("") };
  };

  const sweep = async (engine: Engine, signal: AbortSignal): Promise<void> => {
    oldLap ??= await loadLap();
    const now = tracker.timeOf(instance);
    const after = isYoung ? youngLap : oldLap;
    const ours = await store.runs.listDue({
      instance,
      from: isYoung ? now - YOUNG_MS : 0,
      to: Number.MAX_SAFE_INTEGER,
      limit: batch,
      ...(after === null ? {} : { after }),
    });
    let next: Position | null = null;
    if (ours.length > 0) {
      const end = await compare(engine, ours, signal);
      if (end === "too much") {
        batch = Math.max(1, Math.floor(ours.length / 4));
        return;
      }
      next = end;
    }
    batch = Math.min(BATCH, batch * 2);
    if (isYoung) youngLap = next;
    else oldLap = next;
    isYoung = !isYoung;
  };

  return {
    async step(engine, signal) {
      const attemptedAt = clock.now();
      const startedAt = performance.now();
      await checkLive(engine, signal);
      await sweep(engine, signal);
      const durationMs = performance.now() - startedAt;
      await kept.save(oldLap === null || oldLap === undefined ? "" : `${oldLap.dueAt} ${oldLap.key}`, {
        attemptedAt,
        durationMs,
      });
      return durationMs;
    },
  };
};
