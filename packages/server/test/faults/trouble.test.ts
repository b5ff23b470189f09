import { describe, expect, test, vi } from "vitest";
import { DAGS, type SimulatedFleet, startSimulatedFleet } from "../support/simulated-fleet.ts";

interface Item {
  readonly client_id: string;
  readonly success: boolean;
  readonly status?: number;
  readonly code?: string;
  readonly error?: string;
}

type Fault = Parameters<SimulatedFleet["airflow2"]["faults"]["add"]>[0]["fault"];
const QUIET = { poll: { enabled: false } };

const itemsOf = (body: unknown): readonly Item[] => (body as { readonly results: readonly Item[] }).results;

describe("an Airflow in trouble fails alone, with a code that says which trouble", () => {
  test.each([
    [{ kind: "login page" }, /^(AIRFLOW_ANSWER_INVALID|AIRFLOW_REFUSED|INSTANCE_REDIRECTED)$/],
    [{ kind: "redirect" }, /^INSTANCE_REDIRECTED$/],
    [{ kind: "truncated json" }, /^(AIRFLOW_ANSWER_INVALID|INSTANCE_UNREACHABLE)$/],
    [{ kind: "huge json", megabytes: 50 }, /^AIRFLOW_ANSWER_TOO_LARGE$/],
    [{ kind: "reset" }, /^INSTANCE_UNREACHABLE$/],
    [{ kind: "status", status: 500 }, /^AIRFLOW_SERVER_ERROR$/],
    [{ kind: "status", status: 429, retryAfterSeconds: 1 }, /^AIRFLOW_SERVER_ERROR$/],
  ] satisfies readonly (readonly [Fault, RegExp])[])("%j", async (fault, code) => {
    await using fleet = await startSimulatedFleet({ yaml: QUIET });
    const planted = fleet.airflow2.faults.add({ fault, path: /^\/api\/v1\/dags/ });
    const { status, body } = await fleet.send("GET", "/api/dags?clients=client1,client3");
    expect(planted.fired).toBeGreaterThan(0);
    expect(status).toBe(200);
    expect(itemsOf(body)).toMatchObject([
      {
        client_id: "client1",
        success: false,
        code: expect.stringMatching(code),
        error: expect.any(String),
        status: expect.any(Number),
      },
      { client_id: "client3", success: true },
    ]);
    const native = await fleet.send("GET", "/api/v1/instances/client1/dags/orders");
    expect([502, 503, 504]).toContain(native.status);
    expect(native.body).toMatchObject({ code: expect.stringMatching(/^(AIRFLOW|INSTANCE)_/) });
  });

  test("a wrong password is told per client", async () => {
    await using fleet = await startSimulatedFleet({ yaml: QUIET });
    const { airflow2, airflow3 } = fleet;
    await using other = await startSimulatedFleet({
      yaml: QUIET,
      clients: [
        { id: "wrong2", url: airflow2.url, password: "nope" },
        { id: "wrong3", url: airflow3.url, password: "nope" },
      ],
    });
    const { body } = await other.send("GET", "/api/dags?clients=wrong2,wrong3,client1");
    expect(itemsOf(body)).toMatchObject([
      { success: false, code: "INSTANCE_CREDENTIALS_REFUSED", status: expect.any(Number) },
      { success: false, code: "INSTANCE_CREDENTIALS_REFUSED", status: expect.any(Number) },
      { success: true },
    ]);
    for (const { status } of itemsOf(body).slice(0, 2)) expect([401, 403]).toContain(status);
  });

  test("an Airflow that comes back is used again", async () => {
    await using fleet = await startSimulatedFleet({ yaml: QUIET });
    await fleet.airflow2.down();
    const down = await fleet.send("GET", "/api/dags?clients=client1");
    expect(itemsOf(down.body)[0]).toMatchObject({ success: false, error: "Connection refused", status: 500 });
    await fleet.airflow2.up();
    const up = await fleet.send("GET", "/api/dags?clients=client1");
    expect(itemsOf(up.body)[0]).toMatchObject({ success: true });
  });
});

test("one hanging client of ten: the fleet's list is there at once, the seed's route answers at 30 s with nine successes", async () => {
  await using more = await startSimulatedFleet({ dags: DAGS, yaml: QUIET });
  const clients = Array.from({ length: 8 }, (_, index) => ({
    id: `extra${index}`,
    url: index % 2 === 0 ? more.airflow2.url : more.airflow3.url,
  }));
  await using fleet = await startSimulatedFleet({ clients });
  const hang = fleet.airflow2.faults.add({ fault: { kind: "hang" } });
  await vi.waitFor(
    async () => {
      const { body } = await fleet.send("GET", "/api/v1/dags");
      const { instances } = body as { instances: { instance: string; observed_at: string | null }[] };
      const ready = instances.filter(({ instance, observed_at }) => instance !== "client1" && observed_at !== null);
      expect(ready).toHaveLength(9);
    },
    { timeout: 10_000, interval: 100 },
  );
  const nativeAt = performance.now();
  expect((await fleet.send("GET", "/api/v1/dags")).status).toBe(200);
  expect(performance.now() - nativeAt).toBeLessThan(500);

  const seedAt = performance.now();
  const { body } = await fleet.send("GET", "/api/dags");
  const seconds = (performance.now() - seedAt) / 1_000;
  expect(hang.fired).toBeGreaterThan(0);
  expect(body).toMatchObject({ total_clients: 10, successful_clients: 9, failed_clients: 1, outcome: "partial" });
  expect(seconds).toBeLessThan(30.5);
}, 60_000);
