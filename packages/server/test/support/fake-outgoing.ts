import type { AlertUseCases, ShownAlertRule, Webhook, WebhookUseCases } from "@airfleet/control";
import { AirfleetError, AlertRuleDefinition, WebhookDefinition } from "@airfleet/model";
import type { StoredAlert, StoredDelivery } from "@airfleet/store";

const AT = 1_700_000_000_000;

const webhook: Webhook = {
  ...WebhookDefinition.parse({ url: "https://shop.example.org/hook", instances: ["client1"] }),
  id: "shop",
  version: 1,
  disabled: { reason: "the receiver answered 410", at: AT },
  keys: [{ until: null }, { until: AT }],
  createdAt: AT,
  updatedAt: AT,
};

const delivery: StoredDelivery = {
  id: "msg_1",
  receiver: "webhook/shop",
  type: "run.changed",
  state: "dead",
  instance: "client1",
  payload: { type: "run.changed", data: {} },
  attempts: 10,
  triesLeft: 0,
  lastStatus: 500,
  lastError: "the receiver answered 500",
  notBefore: AT,
  createdAt: AT,
  finishedAt: AT,
};

const rule: ShownAlertRule = {
  id: "rule-1",
  definition: AlertRuleDefinition.parse({
    condition: "run_failed_no_later_success",
    instances: ["client1"],
    notify: [{ type: "slack", name: "ops" }],
  }),
  version: 1,
  createdAt: AT,
  updatedAt: AT,
};

const alert: StoredAlert = {
  id: "alr_1",
  rule: "rule-1",
  group: "client1",
  state: "open",
  condition: "run_failed_no_later_success",
  summary: "orders failed",
  instances: ["client1"],
  findings: [{ key: "k", text: "orders failed", instance: "client1", dagId: "orders" }],
  findingsTotal: 1,
  since: AT,
  openedAt: AT,
  resolvedAt: null,
  notifiedAt: AT,
  snoozedUntil: null,
  snoozedBy: null,
  changedAt: AT,
};

const known = (kind: string, wanted: string, id: string): void => {
  if (id !== wanted) throw new AirfleetError("DOCUMENT_UNKNOWN", { kind, id });
};

/** One webhook `shop` with one dead delivery `msg_1`. */
export const fakeWebhooks: WebhookUseCases = {
  list: async () => [webhook],
  get: async (id) => {
    known("webhook", "shop", id);
    return webhook;
  },
  create: async () => ({ webhook, key: "whsec_a" }),
  update: async () => webhook,
  remove: async () => {},
  rotate: async () => ({ webhook, key: "whsec_b" }),
  test: async () => ({ id: "msg_test_1", outcome: "delivered", status: 204, durationMs: 3 }),
  backlog: async () => ({ pending: 0, dead: 1, oldestPendingAt: null }),
  deliveries: async () => ({ items: [delivery], next: null }),
  delivery: async (_webhook, id) => {
    if (id !== "msg_1") throw new AirfleetError("DELIVERY_UNKNOWN", { delivery: id });
    const tries = [
      { attempt: 1, at: AT, durationMs: 4, status: 500, answer: "boom", error: "the receiver answered 500" },
    ];
    return { delivery, tries };
  },
  redeliver: async () => ({ ...delivery, state: "pending", finishedAt: null }),
  redeliverDead: async () => 1,
};

/** One rule `rule-1` with one open alert `alr_1`. */
export const fakeAlerts: AlertUseCases = {
  listRules: async () => [rule],
  getRule: async () => rule,
  createRule: async () => rule,
  updateRule: async () => rule,
  removeRule: async () => {},
  testRule: async () => [{ channel: "alert_rule/rule-1/slack/ops", outcome: "failed", status: 404, error: "no" }],
  list: async () => ({ items: [alert], next: null }),
  get: async (id) => {
    if (id !== "alr_1") throw new AirfleetError("ALERT_UNKNOWN", { alert: id });
    return { alert, history: [{ at: AT, kind: "opened", actor: null, details: { summary: "orders failed" } }] };
  },
  snooze: async (_actor, _id, until) => ({ ...alert, snoozedUntil: until, snoozedBy: "local" }),
};
