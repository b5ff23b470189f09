import { applicableClaims, conformanceClaims, openConformanceSession } from "@airfleet/engine";
import { afterAll, describe, expect, test } from "vitest";
import { hostOf, takeAirflow } from "./instance-under-trial.ts";

// One after the other: on two cores two starts at once take as long, and time out more easily.
const airflows = [await takeAirflow(2), await takeAirflow(3)];
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
