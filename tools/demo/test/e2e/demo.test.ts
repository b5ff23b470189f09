import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DemoProcess, startDemo } from "../demo-process.ts";

let demo: DemoProcess;
beforeAll(async () => {
  demo = await startDemo("demo", 60_000);
}, 70_000);
afterAll(async () => {
  await demo.interrupt();
});

const get = async (path: string): Promise<Record<string, unknown>> =>
  (await (await fetch(`${demo.url}${path}`)).json()) as Record<string, unknown>;

const itemsOf = async (path: string) => (await get(path))["items"] as Record<string, unknown>[];

describe("make run", () => {
  test("says where it listens and how to log in to each Airflow", () => {
    expect(demo.output()).toContain("client1");
    expect(demo.output()).toMatch(/http:\/\/127\.0\.0\.1:\d+ +\w+ \/ \S+/);
  });

  test("shows both generations in the first seed's status", async () => {
    const status = await get("/api/disaster-recovery/status?clients=client1,client3");
    expect(status).toMatchObject({ total_clients: 2, successful_clients: 2, failed_clients: 0 });
  });

  test("lists DAGs of the whole fleet from the store", async () => {
    await expect
      .poll(async () => ((await get("/api/v1/dags?limit=5"))["items"] as unknown[]).length, {
        timeout: 20_000,
        interval: 200,
      })
      .toBe(5);
  });

  test("shows objects that runs are about, and runs that were asked for", async () => {
    await expect
      .poll(async () => (await itemsOf("/api/v1/subjects?type=collection")).map(({ id }) => id), { timeout: 20_000 })
      .toEqual(expect.arrayContaining(["maps", "audio"]));
    await expect
      .poll(async () => (await itemsOf("/api/v1/triggers")).map(({ state }) => state), { timeout: 20_000 })
      .toEqual(["accepted", "accepted"]);
    expect(await itemsOf("/api/v1/subjects?type=recovery-set")).toMatchObject([{ id: "spring-2026" }]);
    expect(demo.output()).toContain("./airfleet subjects runs collection maps");
    expect(demo.output()).not.toContain("The demo lacks");
  });

  test("ends with 0 on Ctrl-C and leaves nothing listening", async () => {
    expect(await demo.interrupt()).toBe(0);
    await expect(fetch(`${demo.url}/healthz`)).rejects.toThrow("fetch failed");
  });
});
