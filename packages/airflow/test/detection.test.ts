import { toDagId } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import { errorOf, givenEngine, reply, startAirflowStub } from "./airflow-stub.ts";
import { sample } from "./sample.ts";

const HEALTH = { 2: sample("v1", "health").response.body, 3: sample("v2", "health").response.body } as const;
const HEALTH_ROUTE = { 2: "GET /health", 3: "GET /monitor/health" } as const;

describe.each([2, 3] as const)("a probe of Airflow %i", (generation) => {
  it("tells version, generation, health, abilities, credentials and clock", async () => {
    await using stub = await startAirflowStub(generation, {
      [HEALTH_ROUTE[generation]]: {
        body: HEALTH[generation],
        headers: { date: new Date(Date.now() + 120_000).toUTCString() },
      },
      "GET /dags": { body: { dags: [], total_entries: 0 } },
    });
    await using engine = givenEngine(stub.url);
    const probe = await engine.probe();
    expect(probe).toMatchObject({ generation, support: "tested", authenticated: true, health: { healthy: true } });
    expect(probe.clockSkewMs).toBeGreaterThan(118_000);
    expect(probe.clockSkewMs).toBeLessThan(122_000);
    expect(probe.capabilities).toMatchObject({ dateless: generation === 3, cursors: generation === 3, pageLimit: 100 });
  });

  it("is logged when it brings news, not each time", async () => {
    await using stub = await startAirflowStub(generation, {
      [HEALTH_ROUTE[generation]]: { body: HEALTH[generation] },
      "GET /dags": { body: { dags: [], total_entries: 0 } },
    });
    const told: string[] = [];
    const keep = (_fields: object, message: string): void => void told.push(message);
    await using engine = givenEngine(stub.url, { options: { logger: { info: keep, warn: keep } } });
    for (let count = 0; count < 3; count += 1) await engine.probe();
    expect(told.filter((message) => message === "found out the Airflow version")).toHaveLength(1);
  });

  it("says from specification for a minor we do not test", async () => {
    await using stub = await startAirflowStub(
      generation,
      { [HEALTH_ROUTE[generation]]: { body: HEALTH[generation] }, "GET /dags": {} },
      { version: `${generation}.${generation === 2 ? 7 : 0}.1` },
    );
    await using engine = givenEngine(stub.url);
    const { support, capabilities } = await engine.probe();
    expect(support).toBe("from specification");
    expect(capabilities).toMatchObject({ reparse: generation === 3, cursors: false, guardsActiveRuns: false });
  });

  it("does not throw for wrong credentials", async () => {
    await using stub = await startAirflowStub(generation, {
      [HEALTH_ROUTE[generation]]: { body: HEALTH[generation] },
      "*": {
        status: generation === 2 ? 403 : 401,
        body: sample(generation === 2 ? "v1" : "v2", "auth_missing").response.body,
      },
      "POST /auth/token": { status: 401, body: { detail: "Invalid credentials" } },
    });
    await using engine = givenEngine(stub.url);
    expect(await engine.probe()).toMatchObject({ authenticated: false, health: { healthy: true } });
    expect(await errorOf(engine.getDag(toDagId("d")))).toMatchObject({ code: "INSTANCE_CREDENTIALS_REFUSED" });
  });
});

it("finds out the generation once for many calls", async () => {
  await using stub = await startAirflowStub(3, { "GET /dags": { body: { dags: [], total_entries: 0 } } });
  await using engine = givenEngine(stub.url);
  await Promise.all(Array.from({ length: 20 }, () => engine.listDags({})));
  await engine.listDags({});
  expect(stub.seen.filter(({ target }) => target.endsWith("/version"))).toHaveLength(2);
  expect(stub.seen.filter(({ target }) => target === "/auth/token")).toHaveLength(1);
});

it("notices an upgrade from Airflow 2 to 3 and repeats the call with the new paths", async () => {
  let isUpgraded = false;
  await using stub = await startAirflowStub(2);
  stub.route("GET /api/v2/dags/d", { body: sample("v2", "dag_get").response.body });
  stub.route("GET /version", (_seen, response) =>
    isUpgraded
      ? reply(response, 404, {
          error: "/api/v1 has been removed in Airflow 3, please use its upgraded version /api/v2 instead.",
        })
      : reply(response, 200, { version: "2.11.2" }),
  );
  stub.route("GET /api/v2/version", (_seen, response) =>
    isUpgraded ? reply(response, 200, { version: "3.3.2" }) : reply(response, 404, "<!DOCTYPE html><title>404</title>"),
  );
  stub.route("GET /dags/d", (_seen, response) =>
    isUpgraded
      ? reply(response, 404, {
          error: "/api/v1 has been removed in Airflow 3, please use its upgraded version /api/v2 instead.",
        })
      : reply(response, 200, sample("v1", "dag_get").response.body),
  );
  await using engine = givenEngine(stub.url);
  expect(await engine.getDag(toDagId("d"))).toMatchObject({ bundle: null });
  isUpgraded = true;
  expect(await engine.getDag(toDagId("d"))).toMatchObject({ bundle: "dags-folder" });
  expect(await engine.capabilities()).toMatchObject({ dateless: true });
});

it.each([
  ["something else that speaks HTTP", { status: 200, body: { hello: "world" } }, "AIRFLOW_ANSWER_INVALID"],
  ["an HTML page", { status: 200, body: "<html><title>Welcome</title></html>" }, "AIRFLOW_ANSWER_INVALID"],
  [
    "a login page in front",
    { status: 302, headers: { location: "https://login.example/?token=abc" } },
    "INSTANCE_REDIRECTED",
  ],
] as const)("says what %s is", async (_name, answer, code) => {
  await using stub = await startAirflowStub(2, { "GET /version": answer, "GET /api/v2/version": answer });
  await using engine = givenEngine(stub.url);
  const error = await errorOf(engine.listDags({}));
  expect(error).toMatchObject({ code });
  expect(error.message).not.toContain("token=abc");
});
