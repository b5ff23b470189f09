import { AirfleetError } from "@airfleet/model";
import { createRemoteJWKSet, customFetch, type CompactVerifyGetKey } from "jose";
import type { Clock } from "../clock.ts";
import type { OutboundClient } from "../outbound/outbound-client.ts";

/** Keys that a sender publishes as a JSON Web Key Set. */
export interface PublishedKeys {
  /** The key of a header, for the library that checks signatures. */
  readonly find: CompactVerifyGetKey;
  /** Why the last reading failed; null when it did not. */
  error(): string | null;
}

/** Some hundred keys. */
const MOST_BYTES = 262_144;
/** A sender waits for the answer meanwhile. */
const TIMEOUT_MS = 5_000;
/** An unknown key id makes us look again, but not for each forged token. */
const COOLDOWN_MS = 30_000;
const FAILURE_COOLDOWN_MS = 10_000;
/** A key that its owner withdrew is believed for so long at most. */
const MOST_AGE_MS = 300_000;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The library would refuse the same text without telling why, and we would ask for it again at once. */
const checkKeySet = (text: string): void => {
  const set: unknown = JSON.parse(text);
  if (typeof set === "object" && set !== null && "keys" in set && Array.isArray(set.keys)) return;
  throw new Error('the answer has no "keys"');
};

interface PublishedKeysPorts {
  readonly outbound: Pick<OutboundClient, "get">;
  readonly clock: Clock;
}

/** Reads keys at most every half minute, and after a failure not again for ten seconds. */
export const createPublishedKeys = (url: string, { outbound, clock }: PublishedKeysPorts): PublishedKeys => {
  let failure: { readonly reason: string; readonly at: number } | null = null;

  const read = async (signal: AbortSignal): Promise<Response> => {
    if (failure !== null && clock.now() - failure.at < FAILURE_COOLDOWN_MS) throw new Error(failure.reason);
    try {
      const answer = await outbound.get({ url, mostBytes: MOST_BYTES, signal });
      if (answer.status !== 200) throw new Error(`it answers ${answer.status}`);
      checkKeySet(answer.body);
      failure = null;
      return new Response(answer.body, { status: 200, headers: { "content-type": "application/json" } });
    } catch (error) {
      failure = { reason: messageOf(error), at: clock.now() };
      throw error;
    }
  };

  const keys = createRemoteJWKSet(new URL(url), {
    timeoutDuration: TIMEOUT_MS,
    cooldownDuration: COOLDOWN_MS,
    cacheMaxAge: MOST_AGE_MS,
    [customFetch]: (_url, { signal }) => read(signal),
  });
  return { find: keys, error: () => failure?.reason ?? null };
};

/** What stands for keys that cannot be read: neither a yes nor a no. */
export const keysUnavailable = (instance: string, keys: PublishedKeys, cause: unknown): AirfleetError =>
  new AirfleetError("REPORT_KEYS_UNAVAILABLE", { instance, reason: keys.error() ?? messageOf(cause) }, { cause });
