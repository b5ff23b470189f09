import type { FleetInstance } from "@airfleet/control";
import { fromError } from "./client-failure.ts";
import type { ClientResult } from "./envelope.ts";
import { type AskClient, CLIENT_TIMEOUT_MS } from "./seed-route.ts";

/** Asks all clients at the same time. One that fails, or does not answer in its time, fails alone. */
export const fanOut = (
  clients: readonly FleetInstance[],
  ask: AskClient,
  signal: AbortSignal,
): Promise<readonly ClientResult[]> =>
  Promise.all(
    clients.map(async (client) => {
      try {
        return await ask(client, { signal, timeoutMs: CLIENT_TIMEOUT_MS });
      } catch (error) {
        return fromError(client, error, CLIENT_TIMEOUT_MS);
      }
    }),
  );
