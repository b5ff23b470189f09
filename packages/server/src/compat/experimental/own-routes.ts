import type { ExperimentalRoute } from "./experimental-route.ts";
import { ExperimentalRefusal } from "./refusal.ts";

/** Routes about no DAG in particular. */
export const ownRoutes: readonly ExperimentalRoute[] = [
  { method: "GET", path: "/test", permission: "instance:read", answer: async () => ({ status: "OK" }) },
  {
    method: "GET",
    path: "/info",
    permission: "instance:read",
    answer: async ({ control, instance, reading }) => {
      const known = instance.status.version;
      if (known !== null) return { version: known };
      const { probe } = await control.instances.probe(instance.id, reading);
      if (probe === null) throw new ExperimentalRefusal(502, `Instance "${instance.id}" does not answer`);
      return { version: probe.version };
    },
  },
  {
    method: "GET",
    path: "/lineage/:dag_id/:execution_date",
    permission: "run:read",
    answer: () => {
      throw new ExperimentalRefusal(501, "Lineage cannot be read through Airflow's other APIs");
    },
  },
];
