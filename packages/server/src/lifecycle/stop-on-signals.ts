import type { Logger } from "pino";

/** What a signal ends. */
interface Stoppable {
  close(): Promise<void>;
}

/**
 * Ends the process when it is asked to: the first SIGTERM or SIGINT stops gracefully and exits 0, a second one exits 1
 * at once.
 *
 * @returns what resolves with the exit code, for a caller that ends the process itself
 */
export const stopOnSignals = (running: Stoppable, logger: Logger): Promise<number> =>
  new Promise((resolve) => {
    let isStopping = false;
    const stop = (signal: NodeJS.Signals): void => {
      if (isStopping) {
        logger.warn({ signal }, "stopping at once");
        process.exit(1);
      }
      isStopping = true;
      logger.info({ signal }, "stopping");
      running.close().then(
        () => resolve(0),
        (error: unknown) => {
          logger.error({ err: error }, "stopping failed");
          resolve(1);
        },
      );
    };
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
  });
