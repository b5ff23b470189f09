import type { Store } from "@airfleet/store";
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import type { Metrics } from "../metrics.ts";
import { createRetentionSweep } from "../retention/retention-sweep.ts";
import { createRetentionUseCases, type RetentionUseCases } from "../retention/retention-use-cases.ts";
import { createRuleApplier } from "./apply-stored-rules.ts";
import { createRuleKeeper } from "./rule-keeper.ts";
import type { LivingSubjectMatcher } from "./subject-matcher.ts";
import { createSubjectRuleUseCases, type SubjectRuleUseCases } from "./subject-rule-use-cases.ts";
import { createSubjectUseCases, type SubjectUseCases } from "./subject-use-cases.ts";

interface KeepingPorts {
  readonly store: Store;
  readonly matcher: LivingSubjectMatcher;
  readonly owner: string;
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly random: () => number;
  readonly onWritten: () => void;
}

/** Subjects, their rules and retention, with what goes on about them without being asked for. */
export interface SubjectKeeping {
  readonly useCases: {
    readonly subjects: SubjectUseCases;
    readonly subjectRules: SubjectRuleUseCases;
    readonly retention: RetentionUseCases;
  };
  start(): void;
  stop(): Promise<void>;
}

export const createSubjectKeeping = (ports: KeepingPorts): SubjectKeeping => {
  const { store, matcher, clock, logger, onWritten } = ports;
  const now = (): number => clock.now();
  const keeper = createRuleKeeper(ports);
  const applier = createRuleApplier(ports);
  const sweep = createRetentionSweep(ports);
  const loops = [keeper, applier, sweep];
  return {
    useCases: {
      subjects: createSubjectUseCases({ store, onWritten }),
      subjectRules: createSubjectRuleUseCases({ store, matcher, now, onWritten, onApply: () => applier.wake() }),
      retention: createRetentionUseCases({ store, sweep, now, onWritten }),
    },
    start() {
      for (const loop of loops) loop.start();
    },
    async stop() {
      await Promise.all(loops.map((loop) => loop.stop()));
      try {
        await keeper.flush();
      } catch (error) {
        logger.warn({ err: error }, "what subject rules counted last could not be written down");
      }
    },
  };
};
