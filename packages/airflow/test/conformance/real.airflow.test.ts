import { applicableClaims, conformanceClaims, openConformanceSession } from "@airfleet/engine";
import { afterAll, describe, expect, test } from "vitest";
import { hostOf, takeAirflow } from "./instance-under-trial.ts";

// Both at once: one starts while the other one does, and each has its own processes.
const airflows = await Promise.all([takeAirflow(2), takeAirflow(3)]);
const sessions = await Promise.all(
  airflows.map(async (airflow) => ({ airflow, session: await openConformanceSession(hostOf(airflow)) })),
);

afterAll(async () => {
  for (const { airflow, session } of sessions) {
    await session[Symbol.asyncDispose]();
    await airflow[Symbol.asyncDispose]();
  }
});

// Subject by subject, so that neither instance waits for the other one to finish.
describe.concurrent.each(Object.entries(conformanceClaims))("%s", (_subject, claims) => {
  describe.each(sessions)("on Airflow $airflow.version", ({ session: { context } }) => {
    test.each(applicableClaims(claims, context))("$title", async (claim) => {
      await expect(claim.run(context)).resolves.toBeUndefined();
    });
  });
});
