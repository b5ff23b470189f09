import type { AuditNote, RetentionCandidate, RetentionPolicyFacts, Store } from "@airfleet/store";
import { type Clock, pause } from "../clock.ts";
import type { Logger } from "../logger.ts";
import type { Metrics } from "../metrics.ts";
import { createLoop, type Loop } from "../reconcilers/loop.ts";
import { toNamedPolicy, toPolicyFacts } from "./policy-facts.ts";
import { policiesOf } from "./preview-retention.ts";

/** What the last sweep over all runs did. Times are epoch milliseconds. */
export interface SweepReport {
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly lookedAt: number;
  readonly removed: number;
}

/** How far a sweep has come that is not over. Times are epoch milliseconds. */
export interface SweepProgress {
  readonly startedAt: number;
  /** When this was noted: a sweep whose server died says nothing more, and another begins anew. */
  readonly notedAt: number;
  readonly lookedAt: number;
  readonly removed: number;
}

interface SweepPorts {
  readonly store: Pick<Store, "documents" | "leases" | "retention" | "runs" | "settings" | "sharedByProcesses">;
  readonly owner: string;
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly random: () => number;
  readonly onWritten: () => void;
}

interface Sweep {
  readonly policies: readonly RetentionPolicyFacts[];
  readonly revision: number;
  readonly startedAt: number;
  after: string | null;
  lookedAt: number;
  removed: number;
  notedAt: number;
}

export interface RetentionSweep extends Loop {
  /** Begins at once, here or on the server whose turn it is. */
  sweepNow(): Promise<void>;
  lastReport(): Promise<SweepReport | null>;
  /** Null while none is under way, on whichever server. */
  progress(): Promise<SweepProgress | null>;
}

const LEASE_NAME = "retention";
const REPORT_KEY = "retention.last_sweep";
const PROGRESS_KEY = "retention.sweep_progress";
const ASKED_KEY = "retention.sweep_asked_at";
const KIND = "retention_policy";
/** Runs looked at, and removed, at once: on SQLite others wait for the removal. */
const BATCH = 500;
/** Between two batches others get their turn. */
const BREATH_MS = 50;
const EVERY_MS = 10 * 60_000;
/** How soon a sweep that another server was asked for is begun. */
const LOOK_MS = 5_000;
const NAMED_IN_AUDIT = 10;
/** How far a sweep has come is noted this often: a write for each batch would be as much work as the batch. */
const NOTE_EVERY_MS = 1_000;
/** How long each dropped run is remembered by itself; later by what was the last of its DAG. */
const REMEMBERED_MS = 90 * 86_400_000;

const isReport = (value: unknown): value is SweepReport =>
  typeof value === "object" && value !== null && "finishedAt" in value && "removed" in value;

const isProgress = (value: unknown): value is SweepProgress =>
  typeof value === "object" && value !== null && "notedAt" in value && "removed" in value;

/** What the audit trail says of runs that go, policy by policy. */
const auditOf = (removed: readonly RetentionCandidate[]): readonly AuditNote[] =>
  [...new Set(removed.flatMap(policiesOf))].map((policy) => {
    const runs = removed.filter((candidate) => policiesOf(candidate).includes(policy));
    const named = runs.slice(0, NAMED_IN_AUDIT).map(({ key }) => key);
    return {
      actor: "system",
      verb: "retention:sweep",
      outcome: "done",
      details: { policy, removed: runs.length, runs: named },
    };
  });

/**
 * Lets go of runs that nobody needs, by the policies, in small batches. Only our records: no instance is called.
 *
 * A sweep looks at every run once, oldest first. When it is interrupted the next one begins anew; when a policy changes
 * meanwhile, it begins anew at once, so that a policy that was taken back lets nothing go any more.
 */
export const createRetentionSweep = (ports: SweepPorts): RetentionSweep => {
  const { store, owner, leaseMs, clock, logger, metrics, random, onWritten } = ports;
  let sweep: Sweep | undefined;
  let nextAt = 0;

  const askedAt = async (): Promise<number> => {
    const asked = await store.settings.get(ASKED_KEY);
    return typeof asked === "number" ? asked : 0;
  };

  const lastReport = async (): Promise<SweepReport | null> => {
    const report = await store.settings.get(REPORT_KEY);
    return isReport(report) ? report : null;
  };

  const begin = async (revision: number): Promise<Sweep> => {
    const stored = await store.documents.list(KIND);
    const named = stored.map(toNamedPolicy);
    for (const [index, policy] of named.entries()) {
      if (policy === undefined) logger.warn({ policy: stored[index]?.id }, "a retention policy cannot be read");
    }
    // A policy that cannot be read may be the one that keeps: then nothing goes by those that can.
    const policies = named.includes(undefined) ? [] : toPolicyFacts(named.filter((policy) => policy !== undefined));
    return { policies, revision, startedAt: clock.now(), after: null, lookedAt: 0, removed: 0, notedAt: 0 };
  };

  const progress = async (): Promise<SweepProgress | null> => {
    const noted = await store.settings.get(PROGRESS_KEY);
    if (!isProgress(noted)) return null;
    return noted.startedAt > ((await lastReport())?.startedAt ?? 0) ? noted : null;
  };

  const noteProgress = async (current: Sweep): Promise<void> => {
    const now = clock.now();
    if (now - current.notedAt < NOTE_EVERY_MS) return;
    current.notedAt = now;
    const { startedAt, lookedAt, removed } = current;
    await store.settings.set(PROGRESS_KEY, { startedAt, notedAt: now, lookedAt, removed });
  };

  const foldOld = async (signal: AbortSignal): Promise<void> => {
    const before = clock.now() - REMEMBERED_MS;
    while (!signal.aborted && (await store.runs.foldRemoved(before, BATCH)) > 0) await pause(clock, BREATH_MS, signal);
  };

  const finish = async (done: Sweep, signal: AbortSignal): Promise<void> => {
    await foldOld(signal);
    const { startedAt, lookedAt, removed } = done;
    await store.settings.set(REPORT_KEY, { startedAt, finishedAt: clock.now(), lookedAt, removed });
    sweep = undefined;
    nextAt = clock.now() + EVERY_MS;
  };

  const sweepBatch = async (current: Sweep, signal: AbortSignal): Promise<void> => {
    const { policies, startedAt, after } = current;
    const page = await store.retention.candidates({
      policies,
      now: startedAt,
      batch: BATCH,
      ...(after !== null && { after }),
    });
    if (page.items.length > 0) {
      const keys = page.items.map(({ key }) => key);
      const removed = await store.retention.remove(
        keys,
        { policies, now: startedAt },
        {
          reason: "retention",
          auditOf: (gone) => auditOf(page.items.filter(({ key }) => gone.includes(key))),
        },
      );
      onWritten();
      metrics.forgot({ what: "run", count: removed.length });
      current.removed += removed.length;
    }
    current.lookedAt += page.looked;
    current.after = page.next;
    if (page.next === null) await finish(current, signal);
    else await noteProgress(current);
  };

  const isDue = async (): Promise<boolean> => {
    if (sweep !== undefined || clock.now() >= nextAt) return true;
    return (await askedAt()) > ((await lastReport())?.startedAt ?? 0);
  };

  const step = async (signal: AbortSignal): Promise<number> => {
    if (!(await isDue())) return LOOK_MS;
    const lease = await store.leases.acquire({ name: LEASE_NAME, owner, ttlMs: leaseMs });
    if (lease === undefined) {
      sweep = undefined;
      return LOOK_MS;
    }
    const revision = await store.documents.revision(KIND);
    if (sweep === undefined || sweep.revision !== revision) sweep = await begin(revision);
    if (sweep.policies.length === 0) {
      await finish(sweep, signal);
      return LOOK_MS;
    }
    await sweepBatch(sweep, signal);
    return BREATH_MS;
  };

  const loop = createLoop({ name: "retention", step, clock, logger, random, spreadMs: 10_000 });
  return {
    ...loop,
    lastReport,
    progress,
    async sweepNow() {
      await store.settings.set(ASKED_KEY, clock.now());
      nextAt = 0;
      loop.wake();
    },
  };
};
