import { createAirflowEngine } from "@airfleet/airflow";
import { applicableClaims, type ConformanceHost, conformanceClaims, openConformanceSession } from "@airfleet/engine";
import { InstanceConfig, resolveInstanceConfig, toDagId } from "@airfleet/model";
import { afterAll, describe, test } from "vitest";
import { createSimulator, type SimulatedInstance } from "../src/index.ts";
import { BROKEN_FILE_SPEC, fixtureDags, ownDag } from "./fixture-dags.ts";

const hostOf = (instance: SimulatedInstance): ConformanceHost => ({
  open: ({ credentials = "right" } = {}) => {
    const { username, password } = instance.credentials;
    const auth = { type: "basic", username, password: credentials === "right" ? password : "wrong-password" };
    const config = InstanceConfig.parse({ id: instance.id, url: instance.url, auth });
    return createAirflowEngine({ config: resolveInstanceConfig(config, ({}) => "") });
  },
  files: {
    write: async (dagId) => instance.deploy(ownDag(toDagId(dagId))),
    break: async (dagId) => instance.breakDag(dagId),
    remove: async (dagId) => instance.removeFile(dagId),
  },
  pollMs: 50,
  patienceMs: 20_000,
});

// Fast enough to be run often; the two minutes of af_sleep still outlast every claim about running tasks.
const simulator = createSimulator({ timeScale: 10 });
const sessions = await Promise.all(
  ([2, 3] as const).map(async (generation) => {
    const id = `simulated-${generation}`;
    const dags = fixtureDags();
    const instance = await simulator.addInstance({ id, generation, dags, brokenFiles: [BROKEN_FILE_SPEC] });
    return { generation, session: await openConformanceSession(hostOf(instance)) };
  }),
);

afterAll(async () => {
  for (const { session } of sessions) await session[Symbol.asyncDispose]();
  await simulator.close();
});

describe.concurrent.each(Object.entries(conformanceClaims))("%s", (_subject, claims) => {
  describe.each(sessions)("as a simulated Airflow $generation", ({ session: { context } }) => {
    test.each(applicableClaims(claims, context))("$title", { timeout: 60_000 }, (claim) => claim.run(context));
  });
});
