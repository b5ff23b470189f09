import { setTimeout as pause } from "node:timers/promises";

/** Deadlock and serialization failure: the other one goes on, and ours may be tried again at once. */
const CONFLICTS: ReadonlySet<unknown> = new Set(["40P01", "40001"]);

const isConflict = (error: unknown): boolean =>
  error instanceof Error && (("code" in error && CONFLICTS.has(error.code)) || isConflict(error.cause));

const TRIES = 5;
const LONGEST_PAUSE_MS = 50;

/** Does a whole transaction again when PostgreSQL ended it for the sake of another one. */
export const retryConflict = async <T>(work: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === TRIES || !isConflict(error)) throw error;
      await pause(Math.random() * LONGEST_PAUSE_MS * attempt);
    }
  }
};
