import { type DagSpec, type SimulatedInstance, startDemoFleet } from "@airfleet/simulator";
import { fillFleet } from "./fill-fleet.ts";
import type { DemoFleet, DemoInstance } from "./fleet.ts";

/** The DAG that the first seed's curl lines name, as `tools/demo/dags` has it for real engines. */
const RECOVERY_DAG: DagSpec = {
  dagId: "disaster_recovery_dag_1",
  description: "Checks, copies and verifies the recovery set",
  schedule: "0 3 * * *",
  tags: ["disaster-recovery", "tier1"],
  docMd: "Three short steps; `conf.param1` is printed by the first.",
  tasks: [
    { taskId: "check_source", downstream: ["copy_set"], durationSeconds: 2, log: ["looking at the source"] },
    { taskId: "copy_set", downstream: ["verify_copy"], durationSeconds: 8, log: ["copied"] },
    { taskId: "verify_copy", durationSeconds: 3, log: ["verified"] },
  ],
  history: { runs: 14, failRate: 0.1, durationSeconds: 14 },
};

const accessOf = ({
  id,
  url,
  credentials,
}: SimulatedInstance): Pick<DemoInstance, "id" | "url" | "username" | "password"> => ({
  id,
  url,
  username: credentials.username,
  password: credentials.password,
});

/** Simulated deployments of both generations, and the two clients of the first seed's document. */
export const startSimulatedFleet = async (): Promise<DemoFleet> => {
  const fleet = await startDemoFleet();
  const client1 = await fleet.simulator.addInstance({
    id: "client1",
    generation: 2,
    dags: [RECOVERY_DAG],
    latencyMs: 40,
  });
  const client3 = await fleet.simulator.addInstance({
    id: "client3",
    generation: 3,
    dags: [RECOVERY_DAG],
    latencyMs: 10,
  });
  const members: DemoInstance[] = fleet.members.map(({ instance, name, description, tier }) => ({
    ...accessOf(instance),
    name,
    description: `${description} (simulated)`,
    tier,
    labels: { site: instance.id },
    inClientsFile: false,
  }));
  const clients: DemoInstance[] = [
    { client: client1, name: "Production Airflow", description: "Airflow 2 of the multi-client guide (simulated)" },
    { client: client3, name: "Development Airflow", description: "Airflow 3 of the multi-client guide (simulated)" },
  ].map(({ client, name, description }) => ({
    ...accessOf(client),
    name,
    description,
    tier: "development",
    labels: {},
    inClientsFile: true,
  }));
  return { instances: [...clients, ...members], fill: fillFleet, [Symbol.asyncDispose]: () => fleet.close() };
};
