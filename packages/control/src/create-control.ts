import { randomUUID } from "node:crypto";
import { tmpdir, userInfo } from "node:os";
import path from "node:path";
import { RUNTIME_BUNDLE } from "@airfleet/deploy";
import { createAccessUseCases } from "./access/access-use-cases.ts";
import { createActing } from "./actions/create-acting.ts";
import { createAuditUseCases } from "./audit/audit-use-cases.ts";
import { createRedactor } from "./audit/redact-secrets.ts";
import { createSequencer } from "./audit/sequencer.ts";
import { systemClock } from "./clock.ts";
import type { Control } from "./control.ts";
import type { ControlOptions } from "./control-options.ts";
import { type ControlSettings, DEFAULT_SETTINGS } from "./control-settings.ts";
import { createDeploymentSide } from "./deployments/create-deployment-side.ts";
import { createEventHub } from "./events/event-hub.ts";
import { createEventUseCases } from "./events/event-use-cases.ts";
import { createWatchFilter } from "./events/watch-filter.ts";
import { createFleetUseCases } from "./fleet/fleet-use-cases.ts";
import { createInstanceConditions } from "./fleet/instance-conditions.ts";
import { createInstanceRegistry } from "./fleet/instance-registry.ts";
import { createInstanceSources } from "./fleet/instance-sources.ts";
import { createInstanceUseCases } from "./fleet/instance-use-cases.ts";
import { createInboxSide } from "./inbox/create-inbox-side.ts";
import { createLiveReads } from "./live/live-reads.ts";
import { silentLogger } from "./logger.ts";
import { createLogArchiver } from "./logs/log-archiver.ts";
import { createExecutableDeployments } from "./executions/executable-deployments.ts";
import { createExecutionSide } from "./executions/create-execution-side.ts";
import { createLogUseCases } from "./logs/log-use-cases.ts";
import { noMetrics } from "./metrics.ts";
import { createLastRuns } from "./poll/last-runs.ts";
import { createOverviewUseCases } from "./overview/overview-use-cases.ts";
import { createPollReconciler } from "./poll/poll-reconciler.ts";
import { createPollShares, wholeFleet } from "./poll/poll-shares.ts";
import { createPipelineSide } from "./pipelines/create-pipeline-side.ts";
import { createReportSide } from "./report-sources/create-report-side.ts";
import { createReconcilers } from "./reconcilers/reconcilers.ts";
import { createInstanceTime } from "./runs/instance-time.ts";
import { createFleetRunUseCases } from "./runs/fleet-run-use-cases.ts";
import { createRunFreshness } from "./runs/run-freshness.ts";
import { createRunReading } from "./runs/run-reading.ts";
import { createRunTracker } from "./runs/run-tracker.ts";
import { lookAtProcess } from "./stops/local-process.ts";
import { createSubjectKeeping } from "./subjects/subject-keeping.ts";
import { createSubjectMatcher } from "./subjects/subject-matcher.ts";
import { createOutgoing } from "./webhooks/create-outgoing.ts";
import { createTriggerKeyUseCases } from "./trigger-keys/trigger-key-use-cases.ts";
import { createTriggers } from "./triggers/create-triggers.ts";
import { createPulse } from "./triggers/pulse.ts";
import { createSecretNames } from "./triggers/secret-names.ts";

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
  const common = { store, owner, leaseMs, clock, logger, metrics, random, onWritten } as const;
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
  const keeping = createSubjectKeeping({ ...common, matcher });
  const tracker = createRunTracker({ store, lastRuns, matcher, time, redact, onWritten });
  const { watch, reader, tasks } = createRunReading({ store, registry, conditions, tracker, clock, logger, random });
  const pulse = createPulse();
  const acting = createActing({
    ...common,
    registry,
    conditions,
    tracker,
    lookAtProcess: options.lookAtProcess ?? lookAtProcess,
    redact,
    heartbeatMs,
    retryForMs,
    onActed: () => pulse.beat(),
  });
  const polling = createPollReconciler({
    ...common,
    registry,
    conditions,
    tracker,
    reader,
    tasks,
    history: { days: settings.historyDays, runs: settings.historyRuns },
    isOurs: (instance) => shares.owns(instance),
  });
  const reconcilers = createReconcilers({
    ...common,
    registry,
    conditions,
    shares,
    polling,
    sequencer,
    acting: acting.reconciler,
    refreshInstances: async () => {
      await secretNames.refresh();
      if (await sources.isOutdated()) await sources.refresh();
    },
    settings,
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
  const fleet = createFleetUseCases({ store, registry, conditions, now });
  const live = createLiveReads(registry);
  const freshness = createRunFreshness(registry, conditions, now);
  const archiver = createLogArchiver({ ...common, live, settings: settings.logs });

  const outgoing = createOutgoing({
    ...common,
    instances: () => instances.list(),
    settings,
  });

  const triggers = createTriggers({
    ...common,
    instances,
    registry,
    executor: acting.executor,
    watch,
    pulse,
    isOurs: (instance) => shares.owns(instance),
    keep: settings.keepTriggers,
    reads: settings.poll,
    projectName: settings.projectName,
    redact,
    retryForMs,
    secretNames,
    onWaiting: () => acting.reconciler.wake(),
  });

  const inbox = createInboxSide({
    ...common,
    registry,
    tracker,
    reader,
    isOurs: (instance) => shares.owns(instance),
    networkAllow: settings.networkAllow,
    redact,
    openQueue: options.openQueue,
  });

  const reporting = createReportSide({
    ...common,
    registry,
    intake: inbox.intake,
    networkAllow: settings.networkAllow,
  });
  await reporting.load();

  const pipelining = await createPipelineSide({
    store,
    live,
    findTarget: (id) => instances.list().find((instance) => instance.id === id),
    runtime: options.airflowRuntime ?? (() => RUNTIME_BUNDLE.name),
    loadModules: options.loadModules,
    environment: options.environment ?? {},
    networkAllow: settings.networkAllow,
    now,
    logger,
    onWritten,
  });

  const deploying = createDeploymentSide({
    ...common,
    registry,
    conditions,
    time,
    live,
    retryForMs,
    pipelines: pipelining.pipelines,
    resolveSecrets,
    dataDir: options.dataDir ?? path.join(tmpdir(), `airfleet-${userInfo().username}`),
  });

  const logs = createLogUseCases({ store, live });
  const executing = createExecutionSide({
    ...common,
    instances,
    registry,
    reader,
    logs,
    redact,
    readyWithinMs: settings.executionReadyMs,
    pipelines: pipelining.pipelines,
    deployments:
      options.executableDeployments ??
      createExecutableDeployments({
        store,
        registry,
        pipelines: pipelining.pipelines,
        deployments: deploying.useCases,
      }),
    triggers: triggers.useCases,
    actions: acting.actions,
  });

  const runs = createFleetRunUseCases({ store, instances, live, tracker, freshness, now });

  return {
    instances,
    fleet,
    overview: createOverviewUseCases({ store, instances, fleet, now }),
    live,
    runs,
    logs,
    actions: acting.actions,
    stops: acting.stopsOf(runs),
    triggers: triggers.useCases,
    triggerKeys: createTriggerKeyUseCases({ store, instances: () => instances.list(), now, onWritten }),
    audit: createAuditUseCases({ store, now, onWritten }),
    access: createAccessUseCases({ store, now, onWritten }),
    events: createEventUseCases({ hub, watch: createWatchFilter({ watch, store, clock, logger }) }),
    ...keeping.useCases,
    ...inbox.useCases,
    ...reporting.useCases,
    ...executing.useCases,
    ...pipelining,
    deployments: deploying.useCases,
    webhooks: outgoing.webhooks,
    alerts: outgoing.alerts,
    startReconcilers() {
      reconcilers.start();
      hub.start();
      outgoing.start();
      keeping.start();
      inbox.start(settings.poll);
      reporting.start();
      triggers.start();
      executing.start();
      deploying.start();
      if (settings.poll) archiver.start();
    },
    checkReady: () => store.checkReady(),
    async close({ drainMs = 25_000 } = {}) {
      const until = now() + drainMs;
      await Promise.all([
        hub.stop(),
        reporting.stop(),
        inbox.stop(),
        executing.stop(),
        deploying.stop(),
        triggers.stop(),
        archiver.stop(),
        keeping.stop(),
        outgoing.stop(Math.min(drainMs, SEND_GRACE_MS)),
      ]);
      await reconcilers.stopClaiming();
      await watch.close();
      await acting.executor.drain(drainMs);
      await registry.close(Math.max(0, until - now()));
      await reconcilers.finish();
    },
  };
};
