import { type InstanceId, toRunKey } from "@airfleet/model";
import type { EventVerdict, FollowedEvent, QueuedRun, Store } from "@airfleet/store";
import type { Clock } from "../clock.ts";
import type { LiveUseCases } from "../control.ts";
import type { Logger } from "../logger.ts";
import type { Metrics } from "../metrics.ts";
import { backOffMs } from "../reconcilers/back-off.ts";
import { createLeadership } from "../reconcilers/leadership.ts";
import { createLoop, type Loop } from "../reconcilers/loop.ts";
import { isAbsent } from "../runs/instance-trouble.ts";
import { type ArchiveMode, toArchivableRun, wantsArchive } from "./archive-mode.ts";
import { archiveRun } from "./archive-run.ts";

/** What decides how logs are archived. */
export interface LogSettings {
  readonly archive: ArchiveMode;
  /** Of one try's log, before it is compressed. */
  readonly maxTryBytes: number;
  /** Of all archived logs together, as stored; the oldest go first. */
  readonly maxTotalBytes: number;
}

interface ArchiverPorts {
  readonly store: Store;
  readonly live: Pick<LiveUseCases, "tasks" | "log">;
  readonly settings: LogSettings;
  readonly owner: string;
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly random: () => number;
}

const LEASE_NAME = "log-archive";
const EVENT_BATCH = 500;
const RUN_BATCH = 16;
/** The last lines of a task are written up to some seconds after its state is set. */
const SETTLE_MS = 5_000;
/** An instance that joins the fleet is not asked for every log that it ever wrote. */
const RECENT_MS = 2 * 86_400_000;
const IDLE_MS = 2_000;
const NOT_LEADER_MS = 5_000;
const RETRY = { firstMs: 30_000, capMs: 3_600_000 } as const;
/** With the back-off above about two days: an instance that is away for longer has lost its chance. */
const ATTEMPTS = 54;

/**
 * Keeps the logs of ended runs: follows the events, waits until the last lines are written, reads what is missing.
 * One process does it for all; the lease is for economy, since keeping a log twice replaces it.
 */
export const createLogArchiver = (ports: ArchiverPorts): Loop => {
  const { store, live, settings, owner, leaseMs, clock, logger, metrics, random } = ports;
  const { logArchive } = store;
  const leadership = createLeadership({ store, name: LEASE_NAME, owner, leaseMs, clock });

  const judge = ({ kind, payload }: FollowedEvent): EventVerdict | undefined => {
    const { id } = payload;
    if (typeof id !== "string") return undefined;
    if (kind === "run.removed") return { kind: "forget", run: toRunKey(id) };
    const run = kind === "run.changed" ? toArchivableRun(payload) : undefined;
    if (run === undefined || !wantsArchive(settings.archive, run)) return undefined;
    const endedAt = typeof payload.ended_at === "string" ? Date.parse(payload.ended_at) : Number.NaN;
    if (endedAt < clock.now() - RECENT_MS) return undefined;
    return { kind: "queue", run: toRunKey(id), notBefore: clock.now() + SETTLE_MS };
  };

  const putOff = async (queued: QueuedRun): Promise<void> => {
    metrics.logArchived("put_off");
    await logArchive.retryLater(queued, clock.now() + backOffMs(queued.attempts + 1, { ...RETRY, random }));
  };

  const settle = async (queued: QueuedRun, outcome: "absent" | "given_up"): Promise<void> => {
    metrics.logArchived(outcome);
    await logArchive.done(queued);
  };

  /** `troubled`: instances that could not be asked a moment ago. */
  const work = async (queued: QueuedRun, troubled: Set<InstanceId>, signal: AbortSignal): Promise<void> => {
    const run = await store.runs.find(queued.run);
    // It may have been cleared since, or the setting may have changed.
    if (run === undefined || !wantsArchive(settings.archive, { ...run.record, subjectsTotal: run.subjectsTotal })) {
      await logArchive.done(queued);
      return;
    }
    if (troubled.has(run.instance)) {
      await putOff(queued);
      return;
    }
    try {
      await archiveRun({ archive: logArchive, live, metrics, maxTryBytes: settings.maxTryBytes }, run, signal);
      await logArchive.done(queued);
    } catch (error) {
      if (signal.aborted) return;
      if (isAbsent(error)) return settle(queued, "absent");
      troubled.add(run.instance);
      if (queued.attempts + 1 < ATTEMPTS) return putOff(queued);
      logger.warn({ err: error, run: queued.run }, "the logs of a run could not be archived");
      await settle(queued, "given_up");
    }
  };

  const step = async (signal: AbortSignal): Promise<number> => {
    if (!(await leadership.lead())) return NOT_LEADER_MS;
    const followed = await logArchive.follow(judge, EVENT_BATCH);
    const due = await logArchive.listDue(clock.now(), RUN_BATCH);
    const troubled = new Set<InstanceId>();
    for (const queued of due) {
      if (signal.aborted || !(await leadership.lead())) return NOT_LEADER_MS;
      await work(queued, troubled, signal);
    }
    if (due.length > 0) {
      metrics.logsEvicted(await logArchive.evict(settings.maxTotalBytes));
      metrics.logArchiveSize((await logArchive.size()).bytes);
    }
    return followed === EVENT_BATCH || due.length === RUN_BATCH ? 0 : IDLE_MS;
  };

  const loop = createLoop({ name: "log-archive", step, clock, logger, random, spreadMs: IDLE_MS });
  return {
    ...loop,
    async stop() {
      await loop.stop();
      try {
        await leadership.release();
      } catch (error) {
        logger.warn({ err: error }, "the lease on the archive of logs could not be given up; it will run out");
      }
    },
  };
};
