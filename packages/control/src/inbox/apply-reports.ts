import { type InstanceId, isAirfleetError, isTerminalRunState, type RunKey } from "@airfleet/model";
import { runKeyOf, type Store } from "@airfleet/store";
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import { createLoop, type Loop } from "../reconcilers/loop.ts";
import type { RunTracker } from "../runs/run-tracker.ts";
import { type ApplicableReport, fromContent } from "./applicable-report.ts";
import { isOldFormat, planReports, type RunPlan } from "./plan-reports.ts";

/** Tells runs what was reported of them. */
export interface ReportApplier extends Loop {
  /** Takes reports that were just kept; they are applied in this order, instance by instance, also before `start`. */
  add(reports: readonly ApplicableReport[]): void;
  /** How many are not applied yet, of those that were given to this process. */
  waiting(): number;
  /** Answers when what was added of this instance so far is applied, or left for later. */
  applied(instance: InstanceId): Promise<void>;
}

interface ApplierPorts {
  readonly store: Pick<Store, "inbox">;
  readonly tracker: RunTracker;
  /** Whether this instance is our part of the work right now. */
  readonly isOurs: (instance: InstanceId) => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  /** Runs are to be read. */
  readonly onAsked: () => void;
}

/** Reports that are looked at together: the more there are, the more of them say the same of one run. */
const BATCH = 500;
/** So long a first report waits for others: nobody sees it, and what a run is told at once costs as much as one report. */
const GATHER_MS = 20;
/** Runs that are told in one transaction. On SQLite everybody waits for it. */
const RUNS = 20;
/** Whoever received a report applies it within this time, unless they died. */
const ORPHANED_MS = 5_000;
/** After this long anybody applies it, whoever's part of the work its instance is. */
const ABANDONED_MS = 60_000;

/** Reports of one instance, one batch after the other. */
interface Line {
  readonly queue: ApplicableReport[];
  added: number;
  done: number;
  waiters: readonly { readonly upTo: number; readonly resolve: () => void }[];
  working: Promise<void> | undefined;
}

/** Passing, or nobody's report's fault. */
const isStoreTrouble = (error: unknown): boolean => isAirfleetError(error) && error.code.startsWith("STORE_");

export const createReportApplier = (ports: ApplierPorts): ReportApplier => {
  const { store, tracker, isOurs, clock, logger, random, onAsked } = ports;
  const { knownRuns, waiting: orphans } = store.inbox;
  const lines = new Map<InstanceId, Line>();
  const held = new Set<string>();
  const stopping = new AbortController();

  const plan = async (instance: InstanceId, reports: readonly ApplicableReport[]): Promise<readonly RunPlan[]> => {
    const byRun = Map.groupBy(reports, runKeyOf);
    const known = new Map((await knownRuns.list([...byRun.keys()])).map((run) => [run.key, run]));
    const isDoubtful = (key: RunKey, group: readonly ApplicableReport[]): boolean => {
      const run = known.get(key);
      return run !== undefined && !isTerminalRunState(run.state) && group.some(isOldFormat);
    };
    const doubtful = [...byRun].filter(([key, group]) => isDoubtful(key, group)).map(([key]) => key);
    const ended = doubtful.length === 0 ? new Set<RunKey>() : await knownRuns.endedBefore(doubtful);
    const timeOf = (ourTime: number): number => tracker.timeOf(instance, ourTime);
    return [...byRun].flatMap(([key, group]) => {
      const context = { key, known: known.get(key), endedBefore: ended.has(key), timeOf };
      return planReports(group, context) ?? [];
    });
  };

  /** @returns Runs that it changed */
  const tell = async (instance: InstanceId, plans: readonly RunPlan[]): Promise<ReadonlySet<RunKey>> => {
    const changed = new Set<RunKey>();
    const telling = plans.filter(({ observations }) => observations.length > 0);
    for (let start = 0; start < telling.length; start += RUNS) {
      const observations = telling.slice(start, start + RUNS).flatMap((one) => one.observations);
      for (const { run } of await tracker.note(instance, observations)) changed.add(run.key);
    }
    return changed;
  };

  const apply = async (instance: InstanceId, reports: readonly ApplicableReport[]): Promise<void> => {
    const heardAt = clock.now();
    const plans = await plan(instance, reports);
    // The runs before the rest: after a crash in between, the same is noted once more and changes nothing.
    const changed = await tell(instance, plans);
    const asked = plans.filter(({ key, asks }) => asks || changed.has(key)).map(({ place }) => place);
    await store.inbox.settle({
      ids: reports.map(({ id }) => id),
      details: plans.flatMap(({ details }) => details),
      tasks: plans.flatMap(({ tasks }) => tasks),
      asked,
      heardAt,
    });
    if (asked.length > 0) onAsked();
  };

  /** What cannot be applied by itself is put aside, so that it does not stop the others for ever. */
  const applyOne = async (report: ApplicableReport): Promise<void> => {
    try {
      await apply(report.instance, [report]);
    } catch (error) {
      if (isStoreTrouble(error)) throw error;
      const { id, instance, dagId, runId } = report;
      logger.error({ err: error, instance, dag_id: dagId, run_id: runId, report: id }, "a report cannot be applied");
      await store.inbox.settle({ ids: [id], details: [], tasks: [], asked: [], heardAt: clock.now() });
    }
  };

  const applyBatch = async (instance: InstanceId, batch: readonly ApplicableReport[]): Promise<void> => {
    try {
      try {
        await apply(instance, batch);
      } catch (error) {
        if (isStoreTrouble(error)) throw error;
        for (const report of batch) await applyOne(report);
      }
    } catch (error) {
      // They are on the disk: the next look for what was left behind takes them.
      logger.warn({ err: error, instance, reports: batch.length }, "reports were kept but not applied yet");
    }
  };

  const work = async (instance: InstanceId, line: Line): Promise<void> => {
    while (line.queue.length > 0 && !stopping.signal.aborted) {
      if (line.queue.length < BATCH) await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
      const batch = line.queue.splice(0, BATCH);
      await applyBatch(instance, batch);
      for (const { id } of batch) held.delete(id);
      line.done += batch.length;
      const ready = line.waiters.filter(({ upTo }) => upTo <= line.done);
      line.waiters = line.waiters.filter(({ upTo }) => upTo > line.done);
      for (const { resolve } of ready) resolve();
    }
    for (const { resolve } of line.waiters) resolve();
    lines.delete(instance);
  };

  const add = (reports: readonly ApplicableReport[]): void => {
    for (const [instance, group] of Map.groupBy(reports, (report) => report.instance)) {
      for (const { id } of group) held.add(id);
      const line = lines.get(instance) ?? { queue: [], added: 0, done: 0, waiters: [], working: undefined };
      lines.set(instance, line);
      line.queue.push(...group);
      line.added += group.length;
      line.working ??= work(instance, line);
    }
  };

  const applied = (instance: InstanceId): Promise<void> => {
    const line = lines.get(instance);
    if (line === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      line.waiters = [...line.waiters, { upTo: line.added, resolve }];
    });
  };

  const step = async (): Promise<number> => {
    const now = clock.now();
    const found = await orphans.list(now - ORPHANED_MS, BATCH);
    const taken = found.filter(
      ({ id, instance, receivedAt }) => !held.has(id) && (isOurs(instance) || receivedAt < now - ABANDONED_MS),
    );
    if (taken.length === 0) return ORPHANED_MS;
    add(taken.map(({ content, ...place }) => fromContent(content, place)));
    await Promise.all(taken.map(({ instance }) => applied(instance)));
    return found.length === BATCH ? 0 : ORPHANED_MS;
  };

  const loop = createLoop({ name: "reports", step, clock, logger, random });
  return {
    ...loop,
    add,
    applied,
    waiting: () => held.size,
    async stop() {
      stopping.abort();
      for (const { working } of lines.values()) await working;
      await loop.stop();
    },
  };
};
