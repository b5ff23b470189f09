import type { AccessUseCases } from "@airfleet/control";
import { isAirfleetError } from "@airfleet/model";

/** Whether those whose streams are open may still see what they see. */
export interface Standing {
  /** Calls `onLost` once when the credentials are no longer good. @returns what ends the watching */
  watch(authorization: string | undefined, onLost: () => void): () => void;
  close(): void;
}

/** A revoked token must end its streams within five seconds. */
const LOOK_EVERY_MS = 3_000;

const LOST = ["TOKEN_UNKNOWN", "TOKEN_EXPIRED"] as const;

/** In local mode nobody shows credentials, so nobody loses them. */
export const everlasting: Standing = { watch: () => () => undefined, close: () => undefined };

/** Looks at each token once per round, however many streams it has open. */
export const createStanding = (access: Pick<AccessUseCases, "authenticate">): Standing => {
  const watched = new Map<string, Set<() => void>>();
  let timer: NodeJS.Timeout | undefined;

  const look = async (authorization: string): Promise<void> => {
    const token = authorization.trim().replace(/^Bearer +/i, "");
    try {
      await access.authenticate(token);
    } catch (error) {
      // A store that does not answer is no reason to turn people out.
      if (!LOST.some((code) => isAirfleetError(error, code))) return;
      const callbacks = watched.get(authorization) ?? [];
      watched.delete(authorization);
      for (const onLost of callbacks) onLost();
    }
  };

  const round = async (): Promise<void> => {
    await Promise.all([...watched.keys()].map(look));
    timer = watched.size === 0 ? undefined : setTimeout(() => void round(), LOOK_EVERY_MS);
  };

  return {
    watch(authorization, onLost) {
      if (authorization === undefined) return () => undefined;
      const callbacks = watched.get(authorization) ?? new Set();
      watched.set(authorization, callbacks.add(onLost));
      timer ??= setTimeout(() => void round(), LOOK_EVERY_MS);
      return () => {
        callbacks.delete(onLost);
        if (callbacks.size === 0 && watched.get(authorization) === callbacks) watched.delete(authorization);
      };
    },
    close() {
      clearTimeout(timer);
      watched.clear();
    },
  };
};
