import { setTimeout as delay } from "node:timers/promises";

/** Looks until the answer is yes. @throws when it is not within the time */
export const eventually = async (
  what: string,
  look: () => Promise<boolean>,
  withinMs = 10_000,
  everyMs = 50,
): Promise<void> => {
  for (const until = Date.now() + withinMs; Date.now() < until; await delay(everyMs)) {
    if (await look()) return;
  }
  throw new Error(`not within ${withinMs} ms: ${what}`);
};
