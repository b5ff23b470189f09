import type { Engine } from "@airfleet/engine";

/** An engine that somebody may call until it gives it back. */
export interface LentEngine {
  readonly engine: Engine;
  readonly release: () => void;
}

/** An engine in use. Once retired it takes no new calls and is closed after the last one has ended. */
export interface EngineHolder {
  readonly engine: Engine;
  /** Lends the engine; to be released once. */
  lend(): LentEngine;
  /** Answers when the engine is closed. */
  retire(): Promise<void>;
  /** The same without waiting for calls in flight: they are ended. */
  closeNow(): Promise<void>;
}

export const createEngineHolder = (engine: Engine): EngineHolder => {
  let lent = 0;
  let closing: Promise<void> | undefined;
  const idle = Promise.withResolvers<void>();
  let isRetired = false;

  const closeNow = (): Promise<void> => {
    closing ??= engine.close();
    idle.resolve();
    return closing;
  };

  return {
    engine,
    lend() {
      lent += 1;
      return {
        engine,
        release: () => {
          lent -= 1;
          if (lent === 0 && isRetired) idle.resolve();
        },
      };
    },
    async retire() {
      isRetired = true;
      if (lent > 0 && closing === undefined) await idle.promise;
      await closeNow();
    },
    closeNow,
  };
};
