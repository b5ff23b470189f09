import { randomUUID } from "node:crypto";
import type { Store } from "@airfleet/store";
import type { Clock } from "../clock.ts";
import { createDocumentFollower } from "../documents/document-follower.ts";
import type { InstanceRegistry } from "../fleet/instance-registry.ts";
import type { ReportIntake } from "../inbox/report-intake.ts";
import type { Logger } from "../logger.ts";
import type { Metrics } from "../metrics.ts";
import { createOutboundClient } from "../outbound/outbound-client.ts";
import { createPublishedKeys } from "./published-keys.ts";
import { createSignedReports } from "./receive-reports.ts";
import { createReceptionLog } from "./reception-log.ts";
import type { SignedReports } from "./report-posting.ts";
import { createReportSourceUseCases, type ReportSourceUseCases } from "./report-source-use-cases.ts";
import { toUsableSource, type UsableSource } from "./usable-source.ts";

interface ReportSidePorts {
  readonly store: Store;
  readonly registry: Pick<InstanceRegistry, "list">;
  readonly intake: Pick<ReportIntake, "take">;
  /** `network.allow` of the settings. */
  readonly networkAllow: readonly string[];
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  readonly onWritten: () => void;
}

/** Everything about who may report of an instance, and about taking in what they report. */
export interface ReportSide {
  readonly useCases: { readonly reportSources: ReportSourceUseCases; readonly signedReports: SignedReports };
  /** Reads the sources; to be awaited before the first report. */
  load(): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

/** A set of keys is small, and a sender waits for it. */
const KEYS_TIMEOUT_MS = 5_000;

export const createReportSide = (ports: ReportSidePorts): ReportSide => {
  const { store, registry, clock, logger, random, onWritten } = ports;
  const outbound = createOutboundClient({ allow: ports.networkAllow, timeoutMs: KEYS_TIMEOUT_MS });
  const log = createReceptionLog(randomUUID());
  const sources = createDocumentFollower<UsableSource>({
    store,
    kind: "report_source",
    parse: (document) => toUsableSource(document, (url) => createPublishedKeys(url, { outbound, clock })),
    clock,
    logger,
    random,
  });

  /** Nobody speaks for an instance that is no longer there. */
  const isKnown = (id: string): boolean => registry.list().some(({ config, removed }) => !removed && config.id === id);
  const isOpen = ({ instance, terms }: UsableSource): boolean => terms.enabled && isKnown(instance);
  const findSource = (instance: string): UsableSource | undefined => {
    const found = sources.find(instance)?.meaning;
    return found !== undefined && isOpen(found) ? found : undefined;
  };
  const listSources = (): readonly UsableSource[] =>
    sources
      .list()
      .map(({ meaning }) => meaning)
      .filter(isOpen);

  return {
    useCases: {
      reportSources: createReportSourceUseCases({
        store,
        sources,
        log,
        checkAddress: (url) => outbound.check(url),
        onWritten,
      }),
      signedReports: createSignedReports({ ...ports, findSource, listSources, log }),
    },
    load: () => sources.refresh(),
    start: () => sources.start(),
    async stop() {
      await sources.stop();
      await outbound.close();
    },
  };
};
