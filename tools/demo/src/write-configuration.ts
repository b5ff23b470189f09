import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { DemoInstance } from "./fleet.ts";

/** Where the demo's configuration was written. */
export interface DemoConfiguration {
  readonly configFile: string;
  readonly clientsFile: string;
  readonly dataDir: string;
}

const secret = { mode: 0o600 };

/** Writes `airfleet.yaml` and `config/clients.json` as a user would have them. Both hold passwords of the demo only. */
export const writeConfiguration = (directory: string, instances: readonly DemoInstance[]): DemoConfiguration => {
  mkdirSync(path.join(directory, "config"), { recursive: true });
  const configFile = path.join(directory, "airfleet.yaml");
  const clientsFile = path.join(directory, "config/clients.json");
  const rest = instances.filter((instance) => !instance.inClientsFile);
  const yaml = {
    // Whoever tries webhooks out listens on this machine.
    network: { allow: ["127.0.0.1", "::1"] },
    instances: rest.map(({ id, name, description, tier, engine = "airflow", url, username, password, labels }) => ({
      id,
      name,
      description,
      tier,
      engine,
      url,
      labels,
      auth: engine === "dagster" ? { type: "none" } : { type: "basic", username, password },
    })),
  };
  // JSON is YAML, so the file needs no writer of its own.
  writeFileSync(configFile, `${JSON.stringify(yaml, null, 2)}\n`, secret);
  const clients = instances.filter((instance) => instance.inClientsFile);
  rmSync(clientsFile, { force: true });
  if (clients.length > 0) {
    const list = clients.map(({ id, name, description, url, username, password }) => ({
      client_id: id,
      client_name: name,
      airflow_url: url,
      username,
      password,
      enabled: true,
      description,
    }));
    writeFileSync(clientsFile, `${JSON.stringify({ airflow_clients: list }, null, 2)}\n`, secret);
  }
  const dataDir = path.join(directory, "data");
  // The demo's Airflows start from nothing, so what is remembered of earlier ones would be wrong.
  rmSync(dataDir, { recursive: true, force: true });
  return { configFile, clientsFile, dataDir };
};
