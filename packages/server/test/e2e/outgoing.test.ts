import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { Webhook as Verifier } from "standardwebhooks";
import { describe, expect, it, onTestFinished } from "vitest";
import { startSimulatedFleet } from "../support/simulated-fleet.ts";

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly message: { readonly type: string; readonly data: Record<string, unknown> };
}

const startReceiver = async () => {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => (body += part.toString()));
    request.on("end", () => {
      received.push({ headers: request.headers, body, message: JSON.parse(body) });
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, received };
};

const until = async (claim: () => boolean | Promise<boolean>): Promise<void> => {
  const end = Date.now() + 50_000;
  while (!(await claim())) {
    if (Date.now() > end) throw new Error("it did not come about in time");
    await pause(50);
  }
};

describe("what goes out", () => {
  it("tells a receiver and an alert channel of a run that failed on a real schedule of calls, and of its end", async () => {
    const yaml = { network: { allow: ["127.0.0.0/8"] }, alerts: { every_seconds: 1 } };
    await using fleet = await startSimulatedFleet({ yaml });
    const [hook, slack] = [await startReceiver(), await startReceiver()];
    const made = await fleet.send("POST", "/api/v1/webhooks", {
      id: "shop",
      url: hook.url,
      instances: ["client3"],
      dag_ids: ["failing"],
      state_words: "cinco",
      include_conf: true,
    });
    expect(made.status).toBe(201);
    const { key } = made.body as { key: string };
    const rule = await fleet.send("PUT", "/api/v1/alert-rules/nightly", {
      condition: "run_failed_no_later_success",
      instances: ["client3"],
      notify: [{ type: "slack", name: "ops", url: slack.url }],
    });
    expect(rule.status).toBe(201);
    expect(JSON.stringify(rule.body)).not.toContain(slack.url);

    const trigger = (fixed: boolean) =>
      fleet.send("POST", "/api/v1/instances/client3/dags/failing/runs", { conf: { fixed } });
    expect((await trigger(false)).status).toBeLessThan(300);
    const states = (): readonly unknown[] => hook.received.map(({ message }) => message.data["state_word"]);
    await until(() => states().includes("failed"));
    for (const { body, headers } of hook.received) {
      expect(new Verifier(key).verify(body, headers as Record<string, string>)).toMatchObject({ type: "run.changed" });
    }
    const failed = hook.received.find(({ message }) => message.data["state"] === "failed");
    expect(failed?.message.data).toMatchObject({ instance: "client3", dag_id: "failing", conf: { fixed: false } });

    await until(() => slack.received.length === 1);
    expect(slack.received[0]?.body).toContain("failing on client3");
    const { body: open } = await fleet.send("GET", "/api/v1/alerts?state=open");
    const [alert] = (open as { items: { id: string; summary: string }[] }).items;
    expect(alert?.summary).toContain("failing on client3");

    await trigger(true);
    await until(() => slack.received.length === 2);
    expect(slack.received[1]?.body).toContain("Resolved: nightly");
    const { body: detail } = await fleet.send("GET", `/api/v1/alerts/${alert?.id}`);
    expect(detail).toMatchObject({ state: "resolved", history: [{ kind: "opened" }, { kind: "notified" }, {}, {}] });
    const { body: sent } = await fleet.send("GET", "/api/v1/webhooks/shop/deliveries?state=delivered");
    expect((sent as { items: unknown[] }).items.length).toBe(hook.received.length);
  });
});
