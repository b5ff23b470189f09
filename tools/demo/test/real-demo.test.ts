import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DemoProcess, startDemo } from "./demo-process.ts";
import { seedLines } from "./seed-lines.ts";

let demo: DemoProcess;
beforeAll(async () => {
  demo = await startDemo("real", 280_000);
}, 290_000);
afterAll(async () => {
  await demo.interrupt();
}, 60_000);

interface Aggregate {
  readonly total_clients?: number;
  readonly successful_clients?: number;
}

describe("make run FLEET=real", () => {
  test("the guide holds the seed document's curl lines", () => {
    expect(seedLines().length).toBeGreaterThanOrEqual(7);
  });

  test.each(seedLines())("$text works on Airflow 2.11 and 3.3", async ({ method, path, body }) => {
    const answer = await fetch(`${demo.url}${path}`, {
      method,
      ...(body === undefined ? {} : { body, headers: { "Content-Type": "application/json" } }),
    });
    expect(answer.status).toBe(200);
    const parsed = (await answer.json()) as Aggregate;
    expect(parsed.successful_clients).toBe(parsed.total_clients);
  });
});
