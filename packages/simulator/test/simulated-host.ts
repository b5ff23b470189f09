import { createAirflowEngine } from "@airfleet/airflow";
import type { ConformanceHost } from "@airfleet/engine";
import { InstanceConfig, resolveInstanceConfig, toDagId } from "@airfleet/model";
import type { SimulatedInstance } from "../src/index.ts";
import { ownDag } from "./fixture-dags.ts";

/** A simulated instance as the suite wants to have it, behind the real client. */
export const hostOf = (instance: SimulatedInstance): ConformanceHost => ({
  open: ({ credentials = "right" } = {}) => {
    const { username, password } = instance.credentials;
    const auth = { type: "basic", username, password: credentials === "right" ? password : "wrong-password" };
    const config = InstanceConfig.parse({ id: instance.id, url: instance.url, auth });
    return createAirflowEngine({ config: resolveInstanceConfig(config, () => "") });
  },
  files: {
    write: async (dagId) => instance.deploy(ownDag(toDagId(dagId))),
    break: async (dagId) => instance.breakDag(dagId),
    remove: async (dagId) => instance.removeFile(dagId),
  },
  pollMs: 50,
  patienceMs: 20_000,
});
