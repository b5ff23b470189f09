import { randomUUID } from "node:crypto";
import type { InstanceConfig, ResolvedInstanceConfig } from "@airfleet/model";
import type { Store } from "@airfleet/store";
import { createAccessUseCases } from "./access/access-use-cases.ts";
import { createActionExecutor } from "./actions/action-executor.ts";
import { createActionReconciler } from "./actions/action-reconciler.ts";
import { createActionUseCases } from "./actions/action-use-cases.ts";
import { createAuditUseCases } from "./audit/audit-use-cases.ts";
import { createRedactor } from "./audit/redact-secrets.ts";
import { createSequencer } from "./audit/sequencer.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { ConfiguredInstance } from "./configuration/configured-instance.ts";
import type { Control } from "./control.ts";
import { type ControlSettings, DEFAULT_SETTINGS } from "./control-settings.ts";
import { createEventHub } from "./events/event-hub.ts";
import { createEventUseCases } from "./events/event-use-cases.ts";
import { createWatchFilter } from "./events/watch-filter.ts";
import { createFleetUseCases } from "./fleet/fleet-use-cases.ts";
import { createInstanceConditions } from "./fleet/instance-conditions.ts";
import { type CreateEngine, createInstanceRegistry } from "./fleet/instance-registry.ts";
import { createInstanceSources } from "./fleet/instance-sources.ts";
import { createInstanceUseCases } from "./fleet/instance-use-cases.ts";
import { createInboxSide } from "./inbox/create-inbox-side.ts";
import type { OpenQueue } from "./inbox/event-sources.ts";
import { createLiveReads } from "./live/live-reads.ts";
import { type Logger, silentLogger } from "./logger.ts";
import { createLogArchiver } from "./logs/log-archiver.ts";
import { createLogUseCases } from "./logs/log-use-cases.ts";
import { type Metrics, noMetrics } from "./metrics.ts";
import { createLastRuns } from "./poll/last-runs.ts";
import { createPollReconciler } from "./poll/poll-reconciler.ts";
import { createPollShares, wholeFleet } from "./poll/poll-shares.ts";
import { createReconcilers } from "./reconcilers/reconcilers.ts";
import { createAcceptedRuns } from "./runs/accepted-runs.ts";
import { createInstanceTime } from "./runs/instance-time.ts";
import { createFleetRunUseCases } from "./runs/fleet-run-use-cases.ts";
import { createRunFreshness } from "./runs/run-freshness.ts";
import { createRunReading } from "./runs/run-reading.ts";
import { createRunTracker } from "./runs/run-tracker.ts";
import { createSubjectKeeping } from "./subjects/subject-keeping.ts";
import { createSubjectMatcher } from "./subjects/subject-matcher.ts";
import { createOutgoing } from "./webhooks/create-outgoing.ts";
import { createTriggers } from "./triggers/create-triggers.ts";
import { createPulse } from "./triggers/pulse.ts";
import { createSecretNames } from "./triggers/secret-names.ts";

/** What the use cases stand on. */
export interface ControlOptions {
  /** Open; whoever opened it closes it, after the control. */
  readonly store: Store;
  /** Makes an engine; called again when an instance's configuration or the number of server processes changes. */
  readonly createEngine: CreateEngine;
  /** Reads what files and environment define; called at the start and by `instances.reload()`. */
  readonly loadInstances: () => Promise<readonly ConfiguredInstance[]>;
  /** Replaces `{env}` and `{file}` by what they stand for. @throws SECRET_UNAVAILABLE */
  readonly resolveSecrets: (config: InstanceConfig) => ResolvedInstanceConfig;
  /** Opens the queue of an event source; default: Amazon SQS. */
  readonly openQueue?: OpenQueue;
  readonly settings?: Partial<ControlSettings>;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly metrics?: Metrics;
  /** For jitter; default `Math.random`. */
  readonly random?: () => number;
}

/** What is being sent when we stop may end for so long; the rest is sent by whoever starts next. */
const SEND_GRACE_MS = 5_000;

/** How often a reading that found nothing new is written down, where only our own next start reads it, or others do. */
const WRITE_EVERY_MS = { own: 30_000, shared: 4_000 } as const;

/**
 * Puts the use cases and reconcilers together and reads the fleet's definition. Nothing is polled or taken over before
 * `startReconcilers`.
 *
 * @throws {AirfleetError} CONFIG_SOURCES_CLASH, SECRET_UNAVAILABLE and what `loadInstances` throws
 */
export const createControl = async (options: ControlOptions): Promise<Control> => {
  const { store, createEngine, loadInstances, resolveSecrets } = options;
  const { clock = systemClock, logger = silentLogger, metrics = noMetrics, random = Math.random } = options;
  const settings: ControlSettings = { ...DEFAULT_SETTINGS, ...options.settings };
  const { leaseMs, heartbeatMs, retryForMs, sweepSeconds } = settings;
  const owner = randomUUID();
  const secretNames = createSecretNames(store.settings, createRedactor(settings.secretKeys));
  const { redact } = secretNames;
  const now = (): number => clock.now();

  const registry = createInstanceRegistry({ createEngine, resolveSecrets, clock, logger });
  const writeEveryMs = store.sharedByProcesses ? WRITE_EVERY_MS.shared : WRITE_EVERY_MS.own;
  const onWritten = (): void => sequencer.wake();
  const conditions = createInstanceConditions({
    store,
    now,
    writeEveryMs,
    sweepSeconds,
    breaker: (instance) => registry.breaker(instance),
    onWritten,
  });
  const lastRuns = createLastRuns(store);
  const shares = store.sharedByProcesses ? createPollShares({ store, clock, owner, ttlMs: leaseMs }) : wholeFleet;
  const onPlaced = (): void => {
    hub.wake();
    outgoing.wake();
  };
  const hub = createEventHub({ store, clock, logger, random });
  const sequencer = createSequencer({ store, owner, leaseMs, clock, logger, random, onPlaced });
  const time = createInstanceTime(conditions, clock);
  const matcher = createSubjectMatcher({ documents: store.documents, now, logger });
  const keeping = createSubjectKeeping({
    store,
    matcher,
    owner,
    leaseMs,
    clock,
    logger,
    metrics,
    random,
    onWritten,
  });
  const tracker = createRunTracker({ store, lastRuns, matcher, time, redact, onWritten });
  const { watch, reader, tasks } = createRunReading({ store, registry, conditions, tracker, clock, logger, random });
  const pulse = createPulse();
  const executor = createActionExecutor({
    store,
    registry,
    tracker,
    accepted: createAcceptedRuns({ store, tracker, clock, logger }),
    clock,
    logger,
    metrics,
    random,
    redact,
    leaseMs,
    heartbeatMs,
    onWritten: () => {
      onWritten();
      pulse.beat();
    },
  });
  const acting = createActionReconciler({ store, registry, executor, clock, logger, random, owner, leaseMs });
  const polling = createPollReconciler({
    registry,
    conditions,
    store,
    tracker,
    reader,
    tasks,
    history: { days: settings.historyDays, runs: settings.historyRuns },
    isOurs: (instance) => shares.owns(instance),
    clock,
    logger,
    metrics,
    random,
  });
  const reconcilers = createReconcilers({
    store,
    registry,
    conditions,
    shares,
    polling,
    sequencer,
    acting,
    refreshInstances: async () => {
      await secretNames.refresh();
      if (await sources.isOutdated()) await sources.refresh();
    },
    owner,
    settings,
    clock,
    logger,
    random,
  });
  const sources = createInstanceSources({
    store,
    registry,
    loadFiles: loadInstances,
    onChanged: () => reconcilers.followFleet(),
  });

  await secretNames.refresh();
  await conditions.load();
  await matcher.refresh();
  await sources.reload();

  const instances = createInstanceUseCases({ store, registry, conditions, sources, clock, redact, onWritten });
  const live = createLiveReads(registry);
  const freshness = createRunFreshness(registry, conditions, now);
  const archiver = createLogArchiver({
    store,
    live,
    settings: settings.logs,
    owner,
    leaseMs,
    clock,
    logger,
    metrics,
    random,
  });

  const outgoing = createOutgoing({
    store,
    instances: () => instances.list(),
    settings,
    owner,
    onWritten,
    clock,
    logger,
    random,
  });

  const triggers = createTriggers({
    store,
    instances,
    registry,
    executor,
    watch,
    pulse,
    isOurs: (instance) => shares.owns(instance),
    keep: settings.keepTriggers,
    reads: settings.poll,
    projectName: settings.projectName,
    owner,
    redact,
    leaseMs,
    retryForMs,
    clock,
    logger,
    random,
    secretNames,
    onWaiting: () => acting.wake(),
    onWritten,
  });

  const inbox = createInboxSide({
    store,
    registry,
    tracker,
    reader,
    isOurs: (instance) => shares.owns(instance),
    owner,
    networkAllow: settings.networkAllow,
    clock,
    logger,
    random,
    onWritten,
    openQueue: options.openQueue,
  });

  return {
    instances,
    fleet: createFleetUseCases({ store, registry, conditions, now }),
    live,
    runs: createFleetRunUseCases({ store, instances, live, tracker, freshness, now }),
    logs: createLogUseCases({ store, live }),
    actions: createActionUseCases({ store, registry, executor, clock, owner, redact, leaseMs, retryForMs, onWritten }),
    triggers: triggers.useCases,
    audit: createAuditUseCases({ store, now, onWritten }),
    access: createAccessUseCases({ store, now, onWritten }),
    events: createEventUseCases({ hub, watch: createWatchFilter({ watch, store, clock, logger }) }),
    ...keeping.useCases,
    ...inbox.useCases,
    webhooks: outgoing.webhooks,
    alerts: outgoing.alerts,
    startReconcilers() {
      reconcilers.start();
      hub.start();
      outgoing.start();
      keeping.start();
      inbox.start(settings.poll);
      triggers.start();
      if (settings.poll) archiver.start();
    },
    checkReady: () => store.checkReady(),
    async close({ drainMs = 25_000 } = {}) {
      const until = now() + drainMs;
      await Promise.all([
        hub.stop(),
        inbox.stop(),
        triggers.stop(),
        archiver.stop(),
        keeping.stop(),
        outgoing.stop(Math.min(drainMs, SEND_GRACE_MS)),
      ]);
      await reconcilers.stopClaiming();
      await watch.close();
      await executor.drain(drainMs);
      await registry.close(Math.max(0, until - now()));
      await reconcilers.finish();
    },
  };
};
