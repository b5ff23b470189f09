import { applicableClaims, conformanceClaims, openConformanceSession } from "@airfleet/engine";
import { afterAll, describe, expect, test } from "vitest";
import { startGuardingProxy } from "./guarding-proxy.ts";
import { hostOf, takeDagster, TOKEN } from "./instance-under-trial.ts";

const dagster = await takeDagster();
const proxy = await startGuardingProxy(dagster.url, TOKEN);
const session = await openConformanceSession(hostOf(proxy.url));
const { context } = session;

afterAll(async () => {
  await session[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
  await dagster[Symbol.asyncDispose]();
});

const subjects = Object.entries(conformanceClaims)
  .map(([subject, claims]) => [subject, applicableClaims(claims, context)] as const)
  .filter(([, claims]) => claims.length > 0);

describe.concurrent.each(subjects)("%s on Dagster", (_subject, claims) => {
  test.each(claims)("$title", { timeout: 400_000 }, async (claim) => {
    await expect(claim.run(context)).resolves.toBeUndefined();
  });
});
