import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createSimulator, type DagSpec, type SimulatedInstance } from "@airfleet/simulator";
import { type Airfleet, startAirfleet } from "../../src/index.ts";
import { memoryLogger } from "./serve.ts";

export const DAGS: readonly DagSpec[] = [
  {
    dagId: "orders",
    tags: ["tier1"],
    tasks: [
      { taskId: "extract", downstream: ["load"] },
      { taskId: "load", durationSeconds: 1 },
    ],
  },
  { dagId: "failing", tasks: [{ taskId: "breaks", fails: ({ conf }) => conf.fixed !== true }] },
  { dagId: "asleep", paused: true, tasks: [{ taskId: "a" }] },
];

interface Client {
  readonly id: string;
  readonly url: string;
  readonly enabled?: boolean;
  readonly username?: string;
  readonly password?: string;
}

/** The whole product over an Airflow 2 (`client1`), an Airflow 3 (`client3`) and whatever else a test names. */
export interface SimulatedFleet extends AsyncDisposable {
  readonly airfleet: Airfleet;
  readonly log: string[];
  readonly directory: string;
  readonly airflow2: SimulatedInstance;
  readonly airflow3: SimulatedInstance;
  readonly send: (
    method: string,
    path: string,
    body?: unknown,
  ) => Promise<{ readonly status: number; readonly body: unknown }>;
}

export const startSimulatedFleet = async (
  options: {
    readonly dags?: readonly DagSpec[];
    readonly clients?: readonly Client[];
    readonly yaml?: object;
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<SimulatedFleet> => {
  const simulator = createSimulator({ timeScale: 20 });
  const dags = options.dags ?? DAGS;
  const airflow2 = await simulator.addInstance({ id: "two", generation: 2, dags });
  const airflow3 = await simulator.addInstance({ id: "three", generation: 3, dags });
  const directory = mkdtempSync(path.join(tmpdir(), "airfleet-server-"));
  mkdirSync(path.join(directory, "config"));
  const clients: readonly Client[] = [
    { id: "client1", url: airflow2.url },
    { id: "client3", url: airflow3.url },
    ...(options.clients ?? []),
  ];
  const file = {
    airflow_clients: clients.map(({ id, url, enabled = true, username = "admin", password = "admin" }) => ({
      client_id: id,
      client_name: `${id} Airflow`,
      airflow_url: url,
      username,
      password,
      enabled,
      description: `${id} environment`,
    })),
  };
  writeFileSync(path.join(directory, "config/clients.json"), JSON.stringify(file), { mode: 0o600 });
  if (options.yaml !== undefined) {
    writeFileSync(path.join(directory, "airfleet.yaml"), JSON.stringify(options.yaml), { mode: 0o600 });
  }
  const log: string[] = [];
  const airfleet = await startAirfleet({
    source: { cwd: directory, env: options.env ?? {}, flags: { port: 0 } },
    logger: memoryLogger(log),
  });
  return {
    airfleet,
    log,
    directory,
    airflow2,
    airflow3,
    send: async (method, route, body) => {
      const answer = await fetch(`${airfleet.url}${route}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
      });
      return { status: answer.status, body: await answer.json() };
    },
    [Symbol.asyncDispose]: async () => {
      await airfleet.close();
      await simulator[Symbol.asyncDispose]();
      rmSync(directory, { recursive: true, force: true });
    },
  };
};
