import type { Store } from "@airfleet/store";
import type { Clock } from "../clock.ts";
import type { ActionUseCases } from "../control.ts";
import type { InstanceConditions } from "../fleet/instance-conditions.ts";
import type { InstanceRegistry } from "../fleet/instance-registry.ts";
import type { Logger } from "../logger.ts";
import type { Metrics } from "../metrics.ts";
import type { Loop } from "../reconcilers/loop.ts";
import { createAcceptedRuns } from "../runs/accepted-runs.ts";
import type { FleetRunUseCases } from "../runs/fleet-run.ts";
import type { RunTracker } from "../runs/run-tracker.ts";
import type { LookAtProcess } from "../stops/local-process.ts";
import { createStopTerms } from "../stops/stop-terms.ts";
import { createStopUseCases, type StopUseCases } from "../stops/stop-use-cases.ts";
import type { Redact } from "../triggers/secret-names.ts";
import { type ActionExecutor, createActionExecutor } from "./action-executor.ts";
import { createActionReconciler } from "./action-reconciler.ts";
import { createActionUseCases } from "./action-use-cases.ts";
import { createCarryOut } from "./performers.ts";
import { createRecentDags } from "./recent-dag.ts";

interface ActingPorts {
  readonly store: Store;
  readonly registry: InstanceRegistry;
  readonly conditions: InstanceConditions;
  readonly tracker: RunTracker;
  readonly lookAtProcess: LookAtProcess;
  readonly redact: Redact;
  readonly owner: string;
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  readonly retryForMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly random: () => number;
  /** Something was written that the sequencer should look at. */
  readonly onWritten: () => void;
  /** An action has gone on. */
  readonly onActed: () => void;
}

/** Everything that writes to instances. */
export interface Acting {
  readonly executor: ActionExecutor;
  readonly reconciler: Loop;
  readonly actions: ActionUseCases;
  /** Stopping many runs, which are found by these use cases. */
  stopsOf(runs: FleetRunUseCases): StopUseCases;
}

export const createActing = (ports: ActingPorts): Acting => {
  const { store, registry, tracker, lookAtProcess, clock, logger, onWritten, onActed } = ports;
  const terms = createStopTerms(registry);
  const carryOut = createCarryOut(
    {
      stops: store.stops,
      triggers: store.triggers,
      reportedTasks: store.inbox.reportedTasks,
      lookAtProcess,
      terms,
      clock,
    },
    createRecentDags({ store, registry, conditions: ports.conditions, now: () => clock.now() }),
  );
  const executor = createActionExecutor({
    ...ports,
    carryOut,
    accepted: createAcceptedRuns({ store, tracker, clock, logger }),
    onWritten: () => {
      onWritten();
      onActed();
    },
  });
  const reconciler = createActionReconciler({ ...ports, executor });
  const actions = createActionUseCases({ ...ports, executor, stopTerms: terms });
  return {
    executor,
    reconciler,
    actions,
    stopsOf: (runs) => createStopUseCases({ ...ports, runs, actions, terms, onWaiting: () => reconciler.wake() }),
  };
};
