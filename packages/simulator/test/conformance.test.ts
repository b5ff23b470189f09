import { applicableClaims, conformanceClaims, openConformanceSession } from "@airfleet/engine";
import { afterAll, describe, expect, test } from "vitest";
import { createSimulator } from "../src/index.ts";
import { BROKEN_FILE_SPEC, fixtureDags } from "./fixture-dags.ts";
import { hostOf } from "./simulated-host.ts";

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
    test.each(applicableClaims(claims, context))("$title", { timeout: 60_000 }, async (claim) => {
      await expect(claim.run(context)).resolves.toBeUndefined();
    });
  });
});
