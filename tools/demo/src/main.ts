import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import path from "node:path";
import type { DemoFleet } from "./fleet.ts";
import { startRealFleet } from "./real-fleet.ts";
import { startSimulatedFleet } from "./simulated-fleet.ts";
import { type DemoConfiguration, writeConfiguration } from "./write-configuration.ts";

const ROOT = path.resolve(import.meta.dirname, "../../..");
const HELP = `usage: make run [FLEET=demo|real] [ARGS="--port 3000"]

  FLEET=demo   simulated Airflow 2 and 3 with DAGs, history and a broken file (default)
  FLEET=real   a real Airflow 2.11, a real Airflow 3.3 and a real Dagster, installed once into .cache/engines
  --port N     port of Airfleet (default: PORT, else 3000)

Ctrl-C stops everything that was started.
`;

const FLEETS: Readonly<Record<string, () => Promise<DemoFleet>>> = { demo: startSimulatedFleet, real: startRealFleet };

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const greet = (url: string, fleet: DemoFleet): void => {
  say("");
  say(`  Airfleet is at ${url}   API: ${url}/openapi.json`);
  say("");
  for (const { id, tier, url: address, username, password, description } of fleet.instances) {
    say(`  ${id.padEnd(10)} ${tier.padEnd(12)} ${address.padEnd(24)} ${username} / ${password}   ${description}`);
  }
  say("");
  say("  Try, in another terminal:");
  say(`    curl "${url}/api/disaster-recovery/status?clients=client1,client3"`);
  say(`    curl -X POST "${url}/api/disaster-recovery/run/disaster_recovery_dag_1?clients=client1,client3" \\`);
  say(`      -H "Content-Type: application/json" -d '{"conf": {"param1": "value1"}}'`);
  say("    ./airfleet status");
  say("    ./airfleet dags list");
  say("    ./airfleet runs list --no-later-success");
  if (fleet.fill !== undefined) {
    say("    ./airfleet subjects list --no-success-for 12h");
    say("    ./airfleet subjects runs collection maps");
  }
  say(
    "    ./airfleet trigger disaster_recovery_dag_1 --instance client1 --subject recovery-set/autumn --wait finished",
  );
  say("");
  say("  Ctrl-C stops everything.");
};

/** Runs `airfleet serve` as a user would, and resolves with its exit code. */
const serve = async (
  configuration: DemoConfiguration,
  port: string,
  onUrl: (url: string) => Promise<void>,
  signal: AbortSignal,
): Promise<number> => {
  const { configFile, clientsFile, dataDir } = configuration;
  const args = ["serve", "--config", configFile, "--clients-file", clientsFile, "--data-dir", dataDir, "--port", port];
  const child = spawn(path.join(ROOT, "airfleet"), args, {
    stdio: ["ignore", "pipe", "inherit"],
    cwd: path.dirname(configFile),
    // Ctrl-C reaches every process of a terminal's group; with our SIGTERM that would be two signals, which means "at once".
    detached: true,
  });
  process.once("exit", () => child.kill("SIGTERM"));
  signal.addEventListener("abort", () => child.kill("SIGTERM"));
  let greeted = false;
  createInterface({ input: child.stdout }).on("line", (line) => {
    say(line);
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
    if (url === undefined || greeted) return;
    greeted = true;
    // What cannot be filled in is missing from the demo, which runs all the same.
    onUrl(url).catch((error: unknown) => say(`The demo lacks some of what it shows: ${String(error)}`));
  });
  const [code] = (await once(child, "exit")) as [number | null];
  return code ?? 1;
};

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      fleet: { type: "string", default: "demo" },
      port: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help === true) {
    say(HELP);
    return 0;
  }
  const start = FLEETS[values.fleet];
  if (start === undefined) {
    process.stderr.write(`There is no fleet "${values.fleet}". ${HELP}`);
    return 2;
  }
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());
  say(`Starting the ${values.fleet} fleet`);
  await using fleet = await start();
  if (stop.signal.aborted) return 130;
  const configuration = writeConfiguration(path.join(ROOT, ".cache/demo", values.fleet), fleet.instances);
  // Awaited here: the fleet is disposed of when this function is left.
  return await serve(
    configuration,
    values.port ?? process.env["PORT"] ?? "3000",
    async (url) => {
      greet(url, fleet);
      await fleet.fill?.(url);
    },
    stop.signal,
  );
};

process.exitCode = await main();
