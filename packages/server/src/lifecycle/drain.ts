import type { FastifyInstance } from "fastify";

/** What is in flight, and whether new requests are still wanted. */
export interface Drain {
  isDraining(): boolean;
  /** From now on `/readyz` says 503 and connections are not kept. */
  begin(): void;
  /** Resolves when no request is in flight, or after `timeoutMs`; tells how many are left. */
  settle(timeoutMs: number): Promise<number>;
}

/** Counts requests until their answer has left or their caller has. Requests that arrive while draining are answered. */
export const createDrain = (app: FastifyInstance): Drain => {
  let draining = false;
  let inFlight = 0;
  let onEmpty: (() => void) | undefined;
  app.addHook("onRequest", async (_request, reply) => {
    inFlight += 1;
    if (draining) void reply.header("connection", "close");
    reply.raw.once("close", () => {
      inFlight -= 1;
      if (inFlight === 0) onEmpty?.();
    });
  });
  return {
    isDraining: () => draining,
    begin: () => {
      draining = true;
    },
    settle: (timeoutMs) =>
      new Promise((resolve) => {
        if (inFlight === 0) {
          resolve(0);
          return;
        }
        const end = (): void => {
          clearTimeout(timer);
          onEmpty = undefined;
          resolve(inFlight);
        };
        const timer = setTimeout(end, timeoutMs);
        onEmpty = end;
      }),
  };
};
