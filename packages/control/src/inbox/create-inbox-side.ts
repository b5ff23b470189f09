import type { InstanceId } from "@airfleet/model";
import type { Store } from "@airfleet/store";
import type { Clock } from "../clock.ts";
import type { Redact } from "../triggers/secret-names.ts";
import type { InstanceRegistry } from "../fleet/instance-registry.ts";
import type { Logger } from "../logger.ts";
import { createAddressGuard } from "../outbound/address-guard.ts";
import type { RunReader } from "../runs/run-reader.ts";
import type { RunTracker } from "../runs/run-tracker.ts";
import { createReportApplier } from "./apply-reports.ts";
import { createConfirming } from "./confirm-runs.ts";
import { createEventSourceUseCases, type EventSourceUseCases } from "./event-source-use-cases.ts";
import { createEventSources, type OpenQueue } from "./event-sources.ts";
import { createInbox } from "./inbox.ts";
import { createReportIntake, type ReportIntake } from "./report-intake.ts";
import { createReportUseCases, type ReportUseCases } from "./report-use-cases.ts";
import { AWS_NAMES, createSqsOpener } from "./sqs-queue.ts";

interface InboxSidePorts {
  readonly store: Store;
  readonly registry: InstanceRegistry;
  readonly tracker: RunTracker;
  readonly reader: RunReader;
  readonly isOurs: (instance: InstanceId) => boolean;
  readonly owner: string;
  /** `network.allow` of the settings. */
  readonly networkAllow: readonly string[];
  /** A conf without secrets. */
  readonly redact: Redact;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  readonly onWritten: () => void;
  /** Default: Amazon SQS. */
  readonly openQueue?: OpenQueue | undefined;
}

/** Everything about what others tell us: the use cases, the readers of queues, and the readings that confirm. */
export interface InboxSide {
  readonly useCases: { readonly reports: ReportUseCases; readonly eventSources: EventSourceUseCases };
  /** Where reports of every kind go. */
  readonly intake: ReportIntake;
  /** @param works Whether this process reads queues and instances, or answers requests only. */
  start(works: boolean): void;
  stop(): Promise<void>;
}

export const createInboxSide = (ports: InboxSidePorts): InboxSide => {
  const { store, registry, clock, networkAllow, onWritten } = ports;
  const guard = createAddressGuard({ allow: [...networkAllow, ...AWS_NAMES] });
  const openQueue = ports.openQueue ?? createSqsOpener(guard);
  const instances = () =>
    registry
      .list()
      .filter(({ removed, config }) => !removed && config.url !== "")
      .map(({ config }) => ({ id: config.id, url: config.url }));
  const confirming = createConfirming(ports);
  const applier = createReportApplier({ ...ports, onAsked: () => confirming.wake() });
  const intake = createReportIntake({ store, applier, clock, redact: ports.redact });
  const inbox = createInbox({ store, intake, instances, clock });
  const sources = createEventSources({ ...ports, inbox, openQueue });
  return {
    intake,
    useCases: {
      reports: createReportUseCases({ store, inbox, intake, sources, instances, onWritten }),
      eventSources: createEventSourceUseCases({
        store,
        sources,
        instances,
        checkAddress: (url) => guard.check(url),
        onWritten,
      }),
    },
    start(works) {
      applier.start();
      if (!works) return;
      sources.start();
      confirming.start();
    },
    async stop() {
      await sources.stop();
      await intake.stop();
      await applier.stop();
      await confirming.stop();
    },
  };
};
