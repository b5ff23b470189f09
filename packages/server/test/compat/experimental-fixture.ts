import { DAGS, startSimulatedFleet, type SimulatedFleet } from "../support/simulated-fleet.ts";

/** An answer of the façade: its status, headers and text. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON. */
  readonly body: unknown;
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Asks the server as a client of Airflow 1.10 would. */
export const askAt =
  (url: string) =>
  async (
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = { "content-type": "application/json" },
  ): Promise<Answered> => {
    const answer = await fetch(`${url}${path}`, {
      method,
      ...(body === undefined ? {} : { headers, body: typeof body === "string" ? body : JSON.stringify(body) }),
      ...(body === undefined && headers["authorization"] !== undefined ? { headers } : {}),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, text, body: parse(text) };
  };

/** Base paths of the two generations in a simulated fleet. */
export const BASES = {
  "Airflow 2": "/experimental/client1/api/experimental",
  "Airflow 3": "/experimental/client3/api/experimental",
} as const;

/** A fleet whose default instance is the Airflow 2. */
export const startExperimentalFleet = (env: Readonly<Record<string, string>> = {}): Promise<SimulatedFleet> =>
  startSimulatedFleet({
    dags: [
      ...DAGS,
      { dagId: "old", tasks: [{ taskId: "a" }] },
      { dagId: "retired", tasks: [{ taskId: "a" }] },
      { dagId: "busy", tasks: [{ taskId: "long", durationSeconds: 600 }] },
    ],
    env: { AIRFLEET_EXPERIMENTAL__DEFAULT_INSTANCE: "client1", ...env },
  });
