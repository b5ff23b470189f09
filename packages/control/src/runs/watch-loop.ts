import type { Engine } from "@airfleet/engine";
import {
  type DagId,
  type InstanceId,
  isAirfleetError,
  isTerminalRunState,
  type RunAddress,
  type RunState,
} from "@airfleet/model";
import type { RunChange } from "@airfleet/store";
import type { Clock } from "../clock.ts";
import type { InstanceRegistry } from "../fleet/instance-registry.ts";
import type { Logger } from "../logger.ts";
import { backOffMs } from "../reconcilers/back-off.ts";
import { createLoop, type Loop } from "../reconcilers/loop.ts";
import type { RunReader } from "./run-reader.ts";
import type { RunTracker } from "./run-tracker.ts";
import type { TaskReader } from "./task-reader.ts";
import type { WatchTarget } from "./run-watch.ts";

export interface WatchLoopPorts {
  readonly instance: InstanceId;
  /** Who watches what; changes while the loop runs. */
  readonly targets: ReadonlySet<WatchTarget>;
  readonly registry: InstanceRegistry;
  readonly tracker: RunTracker;
  readonly reader: RunReader;
  readonly tasks: TaskReader;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
}

/** Somebody who waits sees a change within two seconds: one to the next look, one for the look and the way to them. */
const EVERY_MS = 1_000;
/**
 * Of the instance's time, while somebody waits: more than polling may have, and it ends with the waiting. A look that
 * takes a quarter of a second is followed by the next one a second after it began.
 */
const SHARE = 0.25;
/** So many single runs are read one by one; more of them cost less as a list of what changed. */
const SINGLE_READS = 4;
/** How far a quick look reaches back: over the seconds in which the engine's transactions become visible. */
const REACH_MS = 5_000;
/** The first look, which must bridge what polling has not seen yet. */
const FIRST_REACH_MS = 60_000;
/** Pages per look. A look that does not come to the end leaves the rest to polling. */
const PAGES = 3;
/** A finished run that is still watched may be cleared: it is looked at this often. */
const FINISHED_EVERY_MS = 10_000;
const FIRST_BACK_OFF_MS = 2_000;
const BACK_OFF_CAP_MS = 60_000;

interface Known {
  readonly state: RunState | null;
  readonly readAt: number;
}

const isRun = ({ dagId, runId }: WatchTarget): boolean => dagId !== undefined && runId !== undefined;

const nameOf = ({ dagId, runId }: RunAddress): string => `${dagId}\n${runId}`;

/** Looks at an instance every second for as long as it is watched. */
export const createWatchLoop = (ports: WatchLoopPorts): Loop => {
  const { instance, targets, registry, tracker, reader, tasks, clock, logger, random } = ports;
  const known = new Map<string, Known>();
  let lookedAt: number | undefined;
  let failures = 0;

  /** Single runs that it is time to read. */
  const dueRuns = (): readonly RunAddress[] => {
    const runs = new Map<string, RunAddress>();
    for (const { dagId, runId } of targets) {
      if (dagId === undefined || runId === undefined) continue;
      const run = { dagId, runId };
      const last = known.get(nameOf(run));
      const isFinished = last !== undefined && last.state !== null && isTerminalRunState(last.state);
      if (!isFinished || clock.now() - last.readAt >= FINISHED_EVERY_MS) runs.set(nameOf(run), run);
    }
    return [...runs.values()];
  };

  const remember = (changes: readonly RunChange[]): void => {
    for (const { run, after } of changes) {
      const name = nameOf(run.record);
      if (known.has(name)) known.set(name, { state: after, readAt: clock.now() });
    }
  };

  const lookAtRuns = async (engine: Engine, runs: readonly RunAddress[], signal: AbortSignal): Promise<void> => {
    const read = await Promise.all(runs.map((run) => reader.read(engine, run, { signal })));
    read.forEach(({ run }, index) => {
      const asked = runs[index];
      if (asked !== undefined) known.set(nameOf(asked), { state: run?.state ?? null, readAt: clock.now() });
    });
    await tasks.follow(
      engine,
      read.flatMap(({ changes }) => changes),
      signal,
    );
    await tasks.catchUp(
      engine,
      read.flatMap(({ run }) => (run === null ? [] : [run])),
      signal,
    );
  };

  /** The one DAG that all who watch are interested in, if it is one. */
  const onlyDag = (): DagId | undefined => {
    const dags = new Set([...targets].map(({ dagId }) => dagId));
    const [dagId] = dags;
    return dags.size === 1 ? dagId : undefined;
  };

  const lookAtChanges = async (engine: Engine, signal: AbortSignal): Promise<void> => {
    const begunAt = tracker.timeOf(instance);
    const reach = lookedAt === undefined ? FIRST_REACH_MS : begunAt - lookedAt + REACH_MS;
    const dagId = onlyDag();
    let after: string | null = null;
    for (let page = 0; page < PAGES; page += 1) {
      const at = tracker.timeOf(instance);
      const answer = await engine.listRuns(
        {
          changedSince: new Date(begunAt - reach).toISOString(),
          ...(dagId === undefined ? {} : { dagId }),
          ...(after === null ? {} : { after }),
        },
        { signal },
      );
      const observations = answer.items.map(
        (run) => ({ kind: "read", dagId: run.dagId, runId: run.runId, source: "poll", at, run }) as const,
      );
      const changes = await tracker.note(instance, observations);
      remember(changes);
      await tasks.follow(engine, changes, signal);
      await tasks.catchUp(engine, answer.items, signal);
      after = answer.next;
      if (after === null) break;
    }
    lookedAt = begunAt;
  };

  const look = async (engine: Engine, signal: AbortSignal): Promise<void> => {
    const runs = dueRuns();
    const isBroad = [...targets].some((target) => !isRun(target)) || runs.length > SINGLE_READS;
    // A run that was not looked at yet may have changed long before anybody watched it.
    const alone = isBroad ? runs.filter((run) => !known.has(nameOf(run))).slice(0, SINGLE_READS) : runs;
    if (alone.length > 0) await lookAtRuns(engine, alone, signal);
    if (isBroad) await lookAtChanges(engine, signal);
  };

  const step = async (signal: AbortSignal): Promise<number> => {
    const startedAt = performance.now();
    try {
      await registry.use(instance, (engine) => look(engine, signal));
      failures = 0;
    } catch (error) {
      if (signal.aborted) return 0;
      failures += 1;
      const reason = isAirfleetError(error) ? error.code : String(error);
      logger.debug({ instance, reason }, "a watched instance could not be read");
      return backOffMs(failures, { firstMs: FIRST_BACK_OFF_MS, capMs: BACK_OFF_CAP_MS, random });
    }
    const spentMs = performance.now() - startedAt;
    return Math.max(EVERY_MS - spentMs, spentMs / SHARE - spentMs);
  };

  return createLoop({ name: `watch ${instance}`, step, clock, logger, random });
};
