import type { Clock } from "../clock.ts";
import { untilAborted } from "../calls/until-aborted.ts";
import { type AuthHeaders, bearerHeader, type Credentials } from "./credentials.ts";

/** A token and how long to use it. */
export interface IssuedToken {
  readonly token: string;
  /** Milliseconds from now after which another one is fetched unasked. */
  readonly usableMs: number;
}

/**
 * Bearer tokens that are fetched when needed. A hundred calls that find no token cause one fetch; a caller that gives
 * up does not take the fetch away from the others.
 */
export const createTokenCredentials = (clock: Clock, fetchToken: () => Promise<IssuedToken>): Credentials => {
  let current: { readonly headers: AuthHeaders; readonly usableUntil: number } | undefined;
  let pending: Promise<AuthHeaders> | undefined;
  const fetchOnce = async (): Promise<AuthHeaders> => {
    try {
      const { token, usableMs } = await fetchToken();
      const headers = bearerHeader(token);
      current = { headers, usableUntil: clock.monotonic() + usableMs };
      return headers;
    } finally {
      pending = undefined;
    }
  };
  return {
    headers: async (signal) => {
      if (current !== undefined && clock.monotonic() < current.usableUntil) return current.headers;
      pending ??= fetchOnce();
      return untilAborted(pending, signal);
    },
    renew: (refused, { isTokenRefused }) => {
      if (!isTokenRefused) return false;
      // Another call may have renewed meanwhile: then the newer token stays and is simply tried.
      if (current?.headers["authorization"] === refused["authorization"]) current = undefined;
      return true;
    },
  };
};
