import type { Store } from "@airfleet/store";
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import { createLoop, type Loop } from "../reconcilers/loop.ts";
import type { LivingSubjectMatcher } from "./subject-matcher.ts";

interface KeeperPorts {
  readonly store: Pick<Store, "ruleTallies">;
  readonly matcher: LivingSubjectMatcher;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
}

/** How soon a rule that was changed on one server holds on the others, and counts of one are seen by the others. */
const EVERY_MS = 2_000;

/** Keeps the matcher's rules as they are stored, and stores what it has counted. */
export const createRuleKeeper = (ports: KeeperPorts): Loop & { flush(): Promise<void> } => {
  const { store, matcher, clock, logger, random } = ports;
  const flush = async (): Promise<void> => {
    const tallies = matcher.takeTallies();
    if (tallies.size > 0) await store.ruleTallies.add(tallies);
  };
  const step = async (): Promise<number> => {
    await matcher.refresh();
    await flush();
    return EVERY_MS;
  };
  return { ...createLoop({ name: "rules", step, clock, logger, random }), flush };
};
