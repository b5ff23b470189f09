import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createSimulator, type FaultHandle, type InstanceSpec, type SimulatedInstance } from "@airfleet/simulator";
import type { TestBackend } from "../../../store/test/backends.ts";
import type { Action, AuditVerification } from "../../src/index.ts";
import type { VictimOrder } from "./victim.ts";

/** What a process that did not die prints at its end. */
interface Report {
  readonly actions: readonly Action[];
  readonly audit: AuditVerification;
}

/** Starts a process that acts on a store and may be killed at any moment. */
export const startVictim = (order: VictimOrder): ChildProcess =>
  spawn(
    process.execPath,
    ["--conditions=@airfleet/source", fileURLToPath(new URL("victim.ts", import.meta.url)), JSON.stringify(order)],
    { stdio: ["ignore", "pipe", "pipe"] },
  );

/** Waits for the end of such a process and answers what it found. */
export const reportOf = async (child: ChildProcess): Promise<Report> => {
  let out = "";
  let err = "";
  child.stdout?.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (err += chunk.toString()));
  await once(child, "exit");
  if (out === "") throw new Error(`the process printed nothing: ${err}`);
  return JSON.parse(out) as Report;
};

/** Kills the process at the very moment at which its request has reached the instance. */
export const killAtFault = async (child: ChildProcess, fault: FaultHandle): Promise<void> => {
  let err = "";
  child.stderr?.on("data", (chunk: Buffer) => (err += chunk.toString()));
  const ended = once(child, "exit").then(() => {
    throw new Error(`the process ended before its fault fired: ${err}`);
  });
  await Promise.race([fault.whenFired(), ended]);
  ended.catch(() => undefined);
  child.kill("SIGKILL");
};

/** Short, so that an orphan is taken over soon on a store that several processes share. */
const LEASE_MS = 3_000;
/** Each store with one generation of Airflow: what is different about them does not meet. */
const GENERATIONS = { sqlite: 2, postgres: 3 } as const;

/** One simulated instance, and a store on which victims act on it. */
export interface VictimsFleet extends AsyncDisposable {
  readonly airflow: SimulatedInstance;
  /** What the orders of all victims have in common. */
  readonly common: Pick<VictimOrder, "store" | "instance" | "leaseMs">;
}

export const startVictimsFleet = async (
  backend: TestBackend,
  { timeScale, dags }: { readonly timeScale: number; readonly dags: NonNullable<InstanceSpec["dags"]> },
): Promise<VictimsFleet> => {
  const simulator = createSimulator({ timeScale });
  const airflow = await simulator.addInstance({ id: "sim", generation: GENERATIONS[backend.name], dags });
  const { username, password } = airflow.credentials;
  const place = await backend.freshPlace();
  return {
    airflow,
    common: {
      store: { ...place.address, secretKey: place.secretKey },
      instance: { id: "sim", url: airflow.url, auth: { type: "basic", username, password } },
      leaseMs: LEASE_MS,
    },
    async [Symbol.asyncDispose]() {
      await place[Symbol.asyncDispose]();
      await simulator.close();
    },
  };
};
