import { toInstanceId } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import { PATIENT } from "../../../store/test/backends.ts";
import { unreachable } from "../fleet-fixture.ts";
import { FakeInstance } from "../fake-instance.ts";
import { actor, eventually } from "../fleet-fixture.ts";
import {
  aControl,
  aRule,
  aWebhook,
  backends,
  observeRun,
  openControl,
  startReceiver,
  verify,
} from "../webhooks/outgoing-fixture.ts";
import { startMailServer } from "./mail-server.ts";

const EU = toInstanceId("eu-1");

for (const backend of backends) {
  describe(`alerts on ${backend.name}`, PATIENT, () => {
    it("tell of a failed run by signed webhook, Slack and e-mail, and of its end", async () => {
      const mail = await startMailServer();
      const { control, store } = await aControl(backend, { settings: { smtp: mail.settings } });
      const [hook, slack] = [await startReceiver(), await startReceiver()];
      const { key } = await control.webhooks.create(actor, "pager", aWebhook(hook.url, { events: ["dag.changed"] }));
      const rule = aRule({
        condition: "run_failed_no_later_success",
        description: "call <Ada>",
        dag_ids: ["ord*"],
        notify: [
          { type: "webhook", webhook: "pager" },
          { type: "slack", name: "ops", url: slack.url },
          { type: "email", to: ["ops@example.org", "ada@example.org"] },
        ],
      });
      await control.alerts.createRule(actor, "nightly", rule);
      await observeRun(store, "other", "failed", { dagId: "invoices" });
      await observeRun(store, "r1", "failed", { dueHour: 1 });
      const all = [hook.received, slack.received, mail.mails];
      await eventually(() => all.every((heard) => heard.length === 1));
      const data = {
        rule: "nightly",
        group: "eu-1",
        findings_total: 1,
        findings: [{ dag_id: "orders", dag_run_id: "r1" }],
      };
      expect(verify(key, hook.received[0])).toMatchObject({ type: "alert.opened", data });
      const text = String((JSON.parse(slack.received[0].body) as { text: unknown }).text);
      expect(text).toContain("orders on eu-1: run r1 failed");
      expect(text).toContain("call &lt;Ada&gt;");
      const [first] = mail.mails;
      expect(first).toMatchObject({
        from: "airfleet@example.org",
        to: ["ops@example.org", "ada@example.org"],
        user: "airfleet",
      });
      expect(first.source).toContain("Subject: [Airfleet] nightly: orders on eu-1: run r1 failed");
      expect(first.source).toMatch(/Message-ID: <msg_[^>]+@airfleet>/i);

      await observeRun(store, "r2", "success", { dueHour: 2 });
      await eventually(() => all.every((heard) => heard.length === 2));
      expect(verify(key, hook.received[1])).toMatchObject({ type: "alert.resolved" });
      expect(mail.mails[1].source).toContain("Subject: [Airfleet] Resolved: nightly");
      const [alert] = (await control.alerts.list({ limit: 10 })).items;
      const { history } = await control.alerts.get(alert.id);
      expect(history.map(({ kind }) => kind)).toEqual(["opened", "notified", "resolved", "notified"]);
      const kinds = async () => (await store.events.list({ after: 0, limit: 200 })).map(({ kind }) => kind);
      await eventually(async () => (await kinds()).includes("alert.resolved"));
      expect((await kinds()).filter((kind) => kind.startsWith("alert."))).toEqual(["alert.opened", "alert.resolved"]);
    });

    it("survive the server being replaced, and are not told again by the next one", async () => {
      const { control, store, place, close } = await aControl(backend);
      const slack = await startReceiver();
      const notify = [{ type: "slack" as const, name: "ops", url: slack.url }];
      await control.alerts.createRule(actor, "nightly", aRule({ condition: "run_failed_no_later_success", notify }));
      await observeRun(store, "r1", "failed");
      await eventually(() => slack.received.length === 1);
      const [before] = (await control.alerts.list({ limit: 10 })).items;
      await close();
      const again = await openControl(place);
      await observeRun(again.store, "r2", "failed", { dueHour: 2 });
      await eventually(async () => (await again.control.alerts.list({ limit: 10 })).items[0]?.findingsTotal === 2);
      const { items } = await again.control.alerts.list({ limit: 10 });
      expect(items.map(({ id }) => id)).toEqual([before.id]);
      await observeRun(again.store, "r3", "success", { dueHour: 3 });
      await eventually(() => slack.received.length === 2);
      expect(slack.received[1].body).toContain("Resolved: nightly");
    });

    it("say who snoozed them, keep quiet until they are woken, and say it again then", async () => {
      const { control, store } = await aControl(backend);
      const slack = await startReceiver();
      const notify = [{ type: "slack" as const, name: "ops", url: slack.url }];
      const rule = aRule({ condition: "run_failed_no_later_success", notify, repeat_seconds: 1 });
      await control.alerts.createRule(actor, "nightly", rule);
      await observeRun(store, "r1", "failed");
      await eventually(() => slack.received.length >= 2);
      const [alert] = (await control.alerts.list({ limit: 10, states: ["open"] })).items;
      const snoozed = await control.alerts.snooze(actor, alert.id, Date.now() + 3_600_000);
      expect(snoozed.snoozedBy).toBe("local");
      await eventually(async () => (await store.deliveries.backlog("alert_rule/nightly/slack/ops")).pending === 0);
      const heard = slack.received.length;
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      expect(slack.received.length).toBe(heard);
      await control.alerts.snooze(actor, alert.id, null);
      await eventually(() => slack.received.length > heard);
      const { history } = await control.alerts.get(alert.id);
      expect(history.map(({ kind }) => kind)).toEqual(
        expect.arrayContaining(["opened", "snoozed", "woken", "notified"]),
      );
      const { items } = await store.audit.list({ limit: 50, verbs: ["alert:snooze"] });
      expect(items).toHaveLength(2);
    });

    it("tell of import errors until they are mended", async () => {
      const { control, store } = await aControl(backend);
      await control.alerts.createRule(actor, "broken", aRule({ condition: "import_error", instances: ["eu-*"] }));
      const error = {
        id: "1",
        file: "/dags/orders.py",
        bundle: null,
        stackTrace: "Traceback\nSyntaxError: no",
        at: null,
      };
      await store.importErrors.replace(EU, [error], Date.now());
      await eventually(async () => (await control.alerts.list({ limit: 10, rules: ["broken"] })).items.length === 1);
      const [broken] = (await control.alerts.list({ limit: 10, rules: ["broken"] })).items;
      expect(broken.summary).toBe("/dags/orders.py on eu-1 cannot be parsed: SyntaxError: no");
      await store.importErrors.replace(EU, [], Date.now() + 1);
      await eventually(async () => (await control.alerts.get(broken.id)).alert.state === "resolved");
    });

    it("end in silence with their rule, and take no URL of Slack for anybody to see", async () => {
      const { control, store, place } = await aControl(backend);
      const slack = await startReceiver();
      const notify = [{ type: "slack" as const, name: "ops", url: `${slack.url}/canary` }];
      const made = await control.alerts.createRule(
        actor,
        "nightly",
        aRule({ condition: "run_failed_no_later_success", notify }),
      );
      expect(JSON.stringify(made)).not.toContain("canary");
      const without = aRule({ condition: "run_failed_no_later_success", notify: [{ type: "slack", name: "ops" }] });
      const kept = await control.alerts.updateRule(actor, "nightly", without, 1);
      await observeRun(store, "r1", "failed");
      await eventually(() => slack.received.length === 1);
      await control.alerts.removeRule(actor, "nightly", kept.version);
      await eventually(async () => (await control.alerts.list({ limit: 10 })).items[0]?.state === "resolved");
      expect(slack.received).toHaveLength(1);
      const rows = [...(await place.sql("select * from documents")), ...(await place.sql("select * from audit"))];
      expect(JSON.stringify(rows)).not.toContain("canary");
    });

    it("are tested through every channel at once, each with what came of it", async () => {
      const mail = await startMailServer();
      const { control } = await aControl(backend, { settings: { smtp: mail.settings } });
      const slack = await startReceiver();
      slack.answer = (response) => void response.writeHead(404).end("no_service");
      const rule = aRule({
        condition: "import_error",
        notify: [
          { type: "slack", name: "ops", url: slack.url },
          { type: "email", to: ["ops@example.org"] },
        ],
      });
      await control.alerts.createRule(actor, "broken", rule);
      expect(await control.alerts.testRule(actor, "broken")).toMatchObject([
        { channel: "alert_rule/broken/slack/ops", outcome: "failed", status: 404 },
        { channel: "alert_rule/broken/email/1", outcome: "delivered" },
      ]);
      expect(mail.mails[0].source).toContain("Subject: [Airfleet] Test: broken");
      mail.refuse = 550;
      expect((await control.alerts.testRule(actor, "broken"))[1]).toMatchObject({ outcome: "gone", status: 550 });
    });

    it("refuse what could never be told", async () => {
      const { control } = await aControl(backend);
      const create = (notify: Parameters<typeof aRule>[0]["notify"]) =>
        control.alerts.createRule(actor, "bad", aRule({ condition: "import_error", notify: notify ?? [] }));
      const email = create([{ type: "email", to: ["a@example.org"] }]);
      await expect(email).rejects.toMatchObject({ code: "SMTP_NOT_CONFIGURED" });
      const webhook = create([{ type: "webhook", webhook: "nobody" }]);
      await expect(webhook).rejects.toMatchObject({ code: "ALERT_RULE_RECEIVER_UNKNOWN" });
      await expect(create([{ type: "slack" }])).rejects.toMatchObject({ code: "REQUEST_INVALID" });
      const metadata = create([{ type: "slack", url: "http://169.254.169.254/x" }]);
      await expect(metadata).rejects.toMatchObject({ code: "ADDRESS_REFUSED" });
    });
  });
}

describe("alerts about instances", PATIENT, () => {
  it("tell when one cannot be reached for a while, and when it can again", async () => {
    const [sqlite] = backends;
    const instance = new FakeInstance("eu-1");
    let isDown = true;
    instance.fault = () => {
      if (isDown) throw unreachable("eu-1");
    };
    const config = { limits: { timeout_ms: 1_000 } };
    const { control } = await aControl(sqlite, { instances: [instance], config, settings: { poll: true } });
    const rule = aRule({ condition: "instance_unreachable", for_seconds: 1 });
    await control.alerts.createRule(actor, "down", rule);
    const startedAt = Date.now();
    const states = async () => (await control.alerts.list({ limit: 10 })).items.map(({ state }) => state);
    await eventually(async () => (await states())[0] === "open");
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(1_000);
    isDown = false;
    await control.instances.probe(EU);
    await eventually(async () => (await states())[0] === "resolved");
    expect(await states()).toEqual(["resolved"]);
  });
});
