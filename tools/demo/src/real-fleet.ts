import path from "node:path";
import { startAirflow } from "@airfleet/tools-engines";
import type { DemoFleet } from "./fleet.ts";

const DAGS = path.resolve(import.meta.dirname, "../dags");
const progress = (line: string): void => void process.stdout.write(`  ${line}\n`);

/** A real Airflow 2.11 and a real Airflow 3.3, under the client ids that the first seed's document uses. */
export const startRealFleet = async (): Promise<DemoFleet> => {
  const [two, three] = await Promise.all([
    startAirflow({ generation: 2, dags: DAGS, progress }),
    startAirflow({ generation: 3, dags: DAGS, progress }),
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
    ],
    [Symbol.asyncDispose]: async () => {
      await Promise.all([two.stop(), three.stop()]);
    },
  };
};
