import type { InstanceSpec, SimulatedInstance } from "../simulated-instance.ts";
import { createSimulator, type Simulator, type SimulatorOptions } from "../simulator.ts";
import type { DagSpec } from "../specs/dag-spec.ts";
import type { Generation } from "../world/world.ts";
import { generateFleet } from "./generate-fleet.ts";

/** One member of the demo fleet, as a configuration file needs it. */
export interface DemoMember {
  readonly instance: SimulatedInstance;
  readonly name: string;
  readonly description: string;
  readonly tier: "production" | "staging" | "development";
}

export interface DemoFleetOptions extends SimulatorOptions {
  /** Default 7. */
  readonly seed?: number;
  /** Default 40. */
  readonly dagsPerInstance?: number;
  /** First port; the members take this one and those behind it. Default: free ones. */
  readonly firstPort?: number;
}

/** The running demo: `await using fleet = await startDemoFleet()`. */
export interface DemoFleet extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly members: readonly DemoMember[];
  close(): Promise<void>;
}

const PLACES: readonly (Omit<DemoMember, "instance"> & { readonly id: string; readonly generation: Generation })[] = [
  { id: "berlin", generation: 3, name: "Berlin", description: "Main archive, Airflow 3", tier: "production" },
  { id: "paris", generation: 2, name: "Paris", description: "Catalogue and loans, Airflow 2", tier: "production" },
  { id: "lisbon", generation: 3, name: "Lisbon", description: "Digitisation lab, Airflow 3", tier: "staging" },
  { id: "oslo", generation: 2, name: "Oslo", description: "Web shop, Airflow 2", tier: "development" },
];

/** What is always going on, so that there is something to watch. */
const lively: readonly DagSpec[] = [
  {
    dagId: "heartbeat",
    schedule: { everySeconds: 60 },
    tags: ["tier3", "team:platform"],
    owners: ["platform"],
    description: "Runs every minute",
    tasks: [{ taskId: "beat", durationSeconds: 10, log: ["alive"] }],
    history: { runs: 30, durationSeconds: 12 },
  },
  {
    dagId: "images_ingest_live",
    schedule: { everySeconds: 180 },
    tags: ["tier1", "team:digitisation", "images"],
    owners: ["digitisation"],
    description: "Takes in scans as they come",
    docMd: "# Live ingest\n\nScans arrive all day; a failed scanner shows here first.",
    maxActiveRuns: 2,
    tasks: [
      { taskId: "find_new", downstream: ["resize"], durationSeconds: 15 },
      {
        taskId: "resize",
        downstream: ["store"],
        mapped: 4,
        durationSeconds: 60,
        failRate: 0.04,
        retries: 1,
        retryDelaySeconds: 20,
      },
      { taskId: "store", durationSeconds: 25, downstream: ["report"] },
      { taskId: "report", triggerRule: "all_done", durationSeconds: 5 },
    ],
    history: { runs: 40, failRate: 0.1, durationSeconds: 120 },
  },
];

const withLife = (spec: InstanceSpec): InstanceSpec => ({
  ...spec,
  dags: [...lively, ...(spec.dags ?? [])],
  variables: { environment: spec.id, oai_base_url: "https://oai.example.org", smtp_password: "demo" },
  pools: { scanners: 3, oai: 8 },
  latencyMs: { ms: spec.generation === 2 ? 60 : 10, jitterMs: 20 },
});

/**
 * Four deployments of both generations with DAGs, days of history, failures, a broken file each, and runs going on all
 * the time. `members[2].instance.down()` makes one unreachable.
 */
export const startDemoFleet = async (options: DemoFleetOptions = {}): Promise<DemoFleet> => {
  const simulator = createSimulator({ timeScale: 2, ...options });
  const specs = generateFleet({
    instances: PLACES.length,
    dagsPerInstance: options.dagsPerInstance ?? 40,
    seed: options.seed ?? 7,
    historyRuns: 14,
    generationOf: (index) => PLACES[index]?.generation ?? 3,
  });
  const members: DemoMember[] = [];
  for (const [index, { id, name, description, tier }] of PLACES.entries()) {
    const spec = specs[index];
    if (spec === undefined) continue;
    const port = options.firstPort === undefined ? 0 : options.firstPort + index;
    const instance = await simulator.addInstance({ ...withLife({ ...spec, id }), port });
    members.push({ instance, name, description, tier });
  }
  return { simulator, members, close: () => simulator.close(), [Symbol.asyncDispose]: () => simulator.close() };
};
