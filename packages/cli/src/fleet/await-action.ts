import type { AirfleetApiError, Client } from "@airfleet/sdk";
import { setTimeout as pause } from "node:timers/promises";

/** A recorded write as the server shows it. */
export type Action = Awaited<ReturnType<Client["getAction"]>>;

/** Between two looks at a write that is not over. */
const LOOK_MS = 1_000;

/** Looks at a write until it is over or the time is up; answers it as it stands then. */
export const awaitAction = async (client: Client, action: Action, deadline: number): Promise<Action> => {
  let current = action;
  while (current.state === "pending" && Date.now() + LOOK_MS < deadline) {
    await pause(LOOK_MS);
    current = await client.getAction({ params: { action: current.id } });
  }
  return current;
};

/** The recorded write behind an error, when there is one. */
export const actionOf = (error: AirfleetApiError): string | null => error.problem.action ?? null;
