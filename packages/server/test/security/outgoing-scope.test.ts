import type { Actor } from "@airfleet/control";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createFakeControl, instanceOf } from "../support/fake-control.ts";
import { serveForTest, type TestServer } from "../support/serve.ts";

const adminOf = (id: string, instances: readonly string[]): Actor => ({
  id,
  role: "admin",
  instances,
  sourceIp: null,
  requestId: null,
});

let server: TestServer;
beforeAll(async () => {
  const tokens = new Map([
    ["aft_here", adminOf("here", ["client1"])],
    ["aft_there", adminOf("there", ["eu-*"])],
  ]);
  const { control } = createFakeControl({ tokens, instances: [instanceOf("client1"), instanceOf("eu-1")] });
  server = await serveForTest(control, { authMode: "token" });
});
afterAll(() => server.running.close());

const as = async (token: string, method: string, path: string, body?: unknown, headers = {}) => {
  const answer = await server.send(method, `/api/v1/${path}`, body, { authorization: `Bearer ${token}`, ...headers });
  return { status: answer.status, text: await answer.text() };
};

const hook = (instances: readonly string[]) => ({ id: "mine", url: "https://a.example.org/", instances });
const rule = (instances: readonly string[]) => ({ condition: "import_error", instances });

describe("a token for some instances", () => {
  test("makes webhooks and alert rules for these only", async () => {
    expect((await as("aft_there", "POST", "webhooks", hook(["eu-1"]))).status).toBe(201);
    expect((await as("aft_there", "POST", "webhooks", hook(["eu-*"]))).status).toBe(201);
    for (const instances of [["*"], ["client1"], ["eu-1", "client1"], ["e*"]]) {
      expect((await as("aft_there", "POST", "webhooks", hook(instances))).status).toBe(403);
      expect((await as("aft_there", "PUT", "alert-rules/mine", rule(instances))).status).toBe(403);
    }
    expect((await as("aft_there", "POST", "webhooks", { id: "mine", url: "https://a.example.org/" })).status).toBe(403);
  });

  test("sees and changes nothing that is about others", async () => {
    for (const path of ["webhooks", "alert-rules"]) {
      const { text } = await as("aft_there", "GET", path);
      expect(JSON.parse(text)).toEqual({ items: [], next_cursor: null });
    }
    const anyVersion = { "if-match": "*" };
    const put = { url: "https://a.example.org/", instances: ["eu-1"] };
    const refused = await Promise.all([
      as("aft_there", "GET", "webhooks/shop"),
      as("aft_there", "PUT", "webhooks/shop", put, anyVersion),
      as("aft_there", "DELETE", "webhooks/shop", undefined, anyVersion),
      as("aft_there", "POST", "webhooks/shop/rotate", {}),
      as("aft_there", "POST", "webhooks/shop/test"),
      as("aft_there", "GET", "webhooks/shop/deliveries"),
      as("aft_there", "GET", "webhooks/shop/deliveries/msg_1"),
      as("aft_there", "POST", "webhooks/shop/redeliver"),
      as("aft_there", "GET", "alert-rules/rule-1"),
      as("aft_there", "PUT", "alert-rules/rule-1", rule(["eu-1"]), anyVersion),
      as("aft_there", "DELETE", "alert-rules/rule-1", undefined, anyVersion),
      as("aft_there", "POST", "alert-rules/rule-1/test"),
      as("aft_there", "GET", "alerts/alr_1"),
      as("aft_there", "POST", "alerts/alr_1/snooze", { until: null }),
    ]);
    expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 404));
  });

  test("may tell no receiver that it does not see", async () => {
    const notify = [{ type: "webhook", webhook: "shop" }];
    const { status, text } = await as("aft_there", "PUT", "alert-rules/mine", { ...rule(["eu-1"]), notify });
    expect([status, text]).toEqual([422, expect.stringContaining("ALERT_RULE_RECEIVER_UNKNOWN")]);
    expect((await as("aft_here", "GET", "webhooks/shop")).status).toBe(200);
    expect((await as("aft_here", "GET", "alerts/alr_1")).status).toBe(200);
  });
});
