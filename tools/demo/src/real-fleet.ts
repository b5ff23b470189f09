import path from "node:path";
import { startAirflow, startDagster } from "@airfleet/tools-engines";
import type { DemoFleet } from "./fleet.ts";

const DAGS = path.resolve(import.meta.dirname, "../dags");
const progress = (line: string): void => void process.stdout.write(`  ${line}\n`);

/** A real Airflow 2.11 and a real Airflow 3.3, and a real Dagster beside them; the Airflows under the client ids that the first seed's document uses. */
export const startRealFleet = async (): Promise<DemoFleet> => {
  const [two, three, dagster] = await Promise.all([
    startAirflow({ generation: 2, dags: DAGS, progress }),
    startAirflow({ generation: 3, dags: DAGS, progress }),
    startDagster({ progress }),
  ]);
  const common = { inClientsFile: true, labels: {} };
  return {
    instances: [
      {
        ...common,
        id: "client1",
        name: "Production Airflow",
        description: `Airflow ${two.version}, a real one`,
        tier: "development",
        url: two.url,
        username: two.username,
        password: two.password,
      },
      {
        ...common,
        id: "client3",
        name: "Development Airflow",
        description: `Airflow ${three.version}, a real one`,
        tier: "development",
        url: three.url,
        username: three.username,
        password: three.password,
      },
      {
        id: "dagster",
        name: "Dagster",
        description: `Dagster ${dagster.version}, a real one`,
        tier: "development",
        engine: "dagster",
        url: dagster.url,
        username: "",
        password: "",
        labels: {},
        inClientsFile: false,
      },
    ],
    [Symbol.asyncDispose]: async () => {
      await Promise.all([two.stop(), three.stop(), dagster.stop()]);
    },
  };
};
