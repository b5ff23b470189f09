import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { startSimulatedFleet } from "../support/simulated-fleet.ts";

interface Subject {
  readonly id: string;
  readonly state: string;
  readonly last_success: { readonly instance: string } | null;
  readonly counts: { readonly total: number };
}

test("runs started in the engines themselves, old and new generation, show on the page of their object", async () => {
  await using fleet = await startSimulatedFleet();
  const put = await fleet.send("PUT", "/api/v1/subject-rules/orders", {
    dags: ["orders"],
    subjects: [{ type: "order", id: "{{ conf.order }}", label: "Order {{ conf.order }}" }],
  });
  expect(put.status).toBe(201);

  const body = JSON.stringify({ conf: { order: "A/1" }, dag_run_id: "by-hand" });
  const basic = `Basic ${Buffer.from("admin:admin").toString("base64")}`;
  const inAirflow2 = await fetch(`${fleet.airflow2.url}/api/v1/dags/orders/dagRuns`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: basic },
    body,
  });
  expect(inAirflow2.status).toBe(200);
  const throughUs = await fleet.send("POST", "/api/v1/instances/client3/dags/orders/runs", { conf: { order: "A/1" } });
  expect(throughUs.status).toBeLessThan(300);

  const until = Date.now() + 50_000;
  const look = async (): Promise<Subject | undefined> => {
    const { status, body: found } = await fleet.send("GET", "/api/v1/subjects/order/A%2F1");
    return status === 200 ? (found as Subject) : undefined;
  };
  let subject = await look();
  while (subject?.counts.total !== 2 || subject.state !== "success") {
    if (Date.now() > until) throw new Error(`still ${JSON.stringify(subject)}`);
    await pause(100);
    subject = await look();
  }
  expect(subject).toMatchObject({ id: "A/1", label: "Order A/1", counts: { total: 2, success: 2, active: 0 } });
  const runs = await fleet.send("GET", "/api/v1/subjects/order/A%2F1/runs");
  const { items } = runs.body as { readonly items: readonly { readonly instance: string }[] };
  expect(items.map(({ instance }) => instance).sort()).toEqual(["client1", "client3"]);
  const rule = await fleet.send("GET", "/api/v1/subject-rules/orders");
  expect(rule.body).toMatchObject({ last_error: null });
});
