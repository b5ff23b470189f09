import { AssertionError } from "node:assert";
import { setTimeout as delay } from "node:timers/promises";
import { inspect } from "node:util";

/** How much longer each wait is than the one before, up to four times the first: looks cost the engine time as well. */
const GROWTH = 1.3;
const LONGEST = 4;

export interface Patience {
  readonly pollMs: number;
  readonly patienceMs: number;
}

const refuse = (what: string, value: unknown): AssertionError =>
  new AssertionError({ message: `${what}; last seen: ${inspect(value, { depth: 3, breakLength: 160 })}` });

/** Reads until the answer is accepted. @throws AssertionError with the last answer when patience ends */
export const eventually = async <Value>(
  what: string,
  read: () => Promise<Value>,
  accepts: (value: Value) => boolean,
  { pollMs, patienceMs }: Patience,
): Promise<Value> => {
  const end = performance.now() + patienceMs;
  for (let waitMs = pollMs; ; waitMs = Math.min(waitMs * GROWTH, pollMs * LONGEST)) {
    const value = await read();
    if (accepts(value)) return value;
    if (performance.now() > end) throw refuse(`not within ${patienceMs} ms: ${what}`, value);
    await delay(waitMs);
  }
};

/** Reads for a while; every answer must be accepted. */
export const stays = async <Value>(
  what: string,
  read: () => Promise<Value>,
  accepts: (value: Value) => boolean,
  { pollMs, forMs }: { readonly pollMs: number; readonly forMs: number },
): Promise<void> => {
  const end = performance.now() + forMs;
  do {
    const value = await read();
    if (!accepts(value)) throw refuse(`did not stay so: ${what}`, value);
    await delay(pollMs);
  } while (performance.now() < end);
};
