import { describe, expect, it } from "vitest";
import { PATIENT } from "../../../store/test/backends.ts";
import { actor, eventually } from "../fleet-fixture.ts";
import { aControl, aWebhook, backends, observeRun, openControl, startReceiver, verify } from "./outgoing-fixture.ts";

const AID = { type: "aid", id: "123" };

for (const backend of backends) {
  describe(`webhooks on ${backend.name}`, PATIENT, () => {
    it("tell of each change of a run, signed, with its subjects and their last success", async () => {
      const { control, store } = await aControl(backend);
      const receiver = await startReceiver();
      const definition = aWebhook(receiver.url, { include_conf: true, state_words: "cinco" });
      const { key } = await control.webhooks.create(actor, "shop", definition);
      await observeRun(store, "r1", "running", { subjects: [AID], conf: { size: 3 } });
      await observeRun(store, "r1", "success", { subjects: [AID], conf: { size: 3 } });
      await eventually(() => receiver.received.length === 2);
      const bySequence = receiver.received.toSorted(
        (left, right) => Number(left.message.data["sequence"]) - Number(right.message.data["sequence"]),
      );
      for (const one of bySequence) expect(verify(key, one)).toEqual(one.message);
      expect(bySequence.map(({ message }) => message.data["state_word"])).toEqual(["running", "succeeded"]);
      expect(bySequence[1]!.message).toMatchObject({
        type: "run.changed",
        data: {
          id: expect.stringMatching(/^run_/),
          instance: "eu-1",
          dag_id: "orders",
          dag_run_id: "r1",
          state: "success",
          before: "running",
          ui_url: "http://eu-1.example/dags/orders/runs/r1",
          conf: { size: 3 },
          subjects_total: 1,
          subjects: [{ type: "aid", id: "123", state_word: "succeeded", last_success: { dag_run_id: "r1" } }],
        },
      });
      expect(new Set(receiver.received.map(({ headers }) => headers["webhook-id"])).size).toBe(2);
    });

    it("tell a receiver only what it asked for, and not the conf unless asked", async () => {
      const { control, store } = await aControl(backend);
      const receiver = await startReceiver();
      const asked = { instances: ["eu-*"], dag_ids: ["ord*"], states: ["failed"], subject_types: ["aid"] } as const;
      const filter = { instances: [...asked.instances], dag_ids: [...asked.dag_ids], states: [...asked.states] };
      const definition = aWebhook(receiver.url, { ...filter, subject_types: [...asked.subject_types] });
      await control.webhooks.create(actor, "shop", definition);
      const subjects = [AID];
      await observeRun(store, "r1", "failed", { instance: "us-1", subjects });
      await observeRun(store, "r2", "failed", { dagId: "invoices", subjects });
      await observeRun(store, "r3", "success", { subjects });
      await observeRun(store, "r4", "failed", { subjects: [{ type: "book", id: "1" }] });
      await observeRun(store, "r5", "failed", { subjects, conf: { password: "canary" } });
      await eventually(() => receiver.received.length > 0);
      await eventually(async () => (await control.webhooks.backlog("shop")).pending === 0);
      expect(receiver.received.map(({ message }) => message.data["dag_run_id"])).toEqual(["r5"]);
      expect(receiver.received[0].body).not.toContain("canary");
    });

    it("tell of a run that was dropped, and of the page of its subject, by subject type", async () => {
      const { control, store } = await aControl(backend);
      const receiver = await startReceiver();
      const events = ["run.removed", "subject.changed"] as const;
      const definition = aWebhook(receiver.url, { events: [...events], subject_types: ["aid"] });
      await observeRun(store, "r1", "failed", { subjects: [AID] });
      await observeRun(store, "r2", "failed", { subjects: [{ type: "book", id: "1" }] });
      await observeRun(store, "r3", "failed");
      const keys = (await store.runs.list({ limit: 5 })).items.map(({ key }) => key);
      await eventually(async () => (await store.events.range()).last >= 5);
      await control.webhooks.create(actor, "shop", definition);
      await store.runs.remove(keys, "retention");
      await eventually(() => receiver.received.length >= 2);
      await eventually(async () => (await control.webhooks.backlog("shop")).pending === 0);
      const messages = new Map(receiver.received.map(({ message }) => [message.type, message.data]));
      expect(receiver.received).toHaveLength(2);
      expect(messages.get("run.removed")).toMatchObject({
        dag_run_id: "r1",
        reason: "retention",
        subjects: [AID],
        subjects_total: 1,
      });
      expect(messages.get("subject.changed")).toMatchObject({ ...AID, state: "none", run_state: null });
    });

    it("sign with both keys while one replaces the other, and with the new one alone afterwards", async () => {
      const { control, store } = await aControl(backend);
      const receiver = await startReceiver();
      const { key: first } = await control.webhooks.create(actor, "shop", aWebhook(receiver.url));
      const { key: second } = await control.webhooks.rotate(actor, "shop", 60_000);
      await observeRun(store, "r1", "failed");
      await eventually(() => receiver.received.length === 1);
      expect(verify(first, receiver.received[0])).toEqual(verify(second, receiver.received[0]));
      const { key: third } = await control.webhooks.rotate(actor, "shop", 0);
      await observeRun(store, "r2", "failed");
      await eventually(() => receiver.received.length === 2);
      expect(verify(third, receiver.received[1])).toMatchObject({ type: "run.changed" });
      expect(() => verify(second, receiver.received[1])).toThrow("No matching signature");
      expect((await control.webhooks.get("shop")).keys).toHaveLength(2);
    });

    it("try again after a failure under the same id, and write down what was answered", async () => {
      const { control, store } = await aControl(backend);
      const receiver = await startReceiver();
      receiver.answer = (response) => {
        const isFirst = receiver.received.length === 1;
        response.writeHead(isFirst ? 503 : 200).end(isFirst ? "come back" : "");
      };
      await control.webhooks.create(actor, "shop", aWebhook(receiver.url));
      await observeRun(store, "r1", "failed");
      await eventually(() => receiver.received.length === 2);
      const [first, second] = receiver.received;
      expect(second.headers["webhook-id"]).toBe(first.headers["webhook-id"]);
      expect(second.at - first.at).toBeGreaterThanOrEqual(4_900);
      const id = String(first.headers["webhook-id"]);
      await eventually(async () => (await control.webhooks.delivery("shop", id)).delivery.state === "delivered");
      expect((await control.webhooks.delivery("shop", id)).tries).toMatchObject([
        { attempt: 1, status: 503, answer: "come back" },
        { attempt: 2, status: 200, error: null },
      ]);
    });

    it("take a redirect for a failure, and wait as long as Retry-After says", async () => {
      const { control, store } = await aControl(backend);
      const receiver = await startReceiver();
      receiver.answer = (response) =>
        void response.writeHead(302, { location: "http://127.0.0.1:9/", "retry-after": "3600" }).end();
      await control.webhooks.create(actor, "shop", aWebhook(receiver.url));
      await observeRun(store, "r1", "failed");
      await eventually(async () => (await control.webhooks.deliveries("shop", { limit: 1 })).items[0]?.attempts === 1);
      const [delivery] = (await control.webhooks.deliveries("shop", { limit: 1 })).items;
      expect(delivery).toMatchObject({ state: "pending", lastStatus: 302, triesLeft: 9 });
      expect(delivery.notBefore - Date.now()).toBeGreaterThan(3_500_000);
      expect(receiver.received).toHaveLength(1);
    });

    it("stop for good at 410, say so by an event, and go on when a person enables it", async () => {
      const { control, store } = await aControl(backend);
      const receiver = await startReceiver();
      receiver.answer = (response) => void response.writeHead(410).end();
      await control.webhooks.create(actor, "shop", aWebhook(receiver.url));
      await observeRun(store, "r1", "failed");
      await eventually(async () => (await control.webhooks.get("shop")).disabled !== null);
      await eventually(async () => (await control.webhooks.backlog("shop")).dead === 1);
      await eventually(async () => {
        const events = await store.events.list({ after: 0, limit: 100 });
        return events.some(({ kind, payload }) => kind === "webhook.disabled" && payload["id"] === "shop");
      });
      await observeRun(store, "r2", "failed");
      receiver.answer = (response) => void response.writeHead(200).end();
      const { version } = await control.webhooks.get("shop");
      const enabled = await control.webhooks.update(actor, "shop", aWebhook(receiver.url), version);
      expect(enabled.disabled).toBeNull();
      expect(await control.webhooks.redeliverDead(actor, "shop")).toBe(1);
      await eventually(async () => (await control.webhooks.backlog("shop")).dead === 0);
      await eventually(() => receiver.received.some(({ message }) => message.data["dag_run_id"] === "r1"));
    });

    it("lose nothing and tell nothing twice to the tables when the server is replaced in between", async () => {
      const { control, store, place, close } = await aControl(backend);
      const receiver = await startReceiver();
      await control.webhooks.create(actor, "shop", aWebhook(receiver.url));
      await observeRun(store, "r0", "failed");
      await eventually(() => receiver.received.length === 1);
      await close();
      const idle = await openControl(place, { started: false });
      await observeRun(idle.store, "r1", "failed");
      await observeRun(idle.store, "r2", "failed");
      await idle.close();
      const again = await openControl(place);
      await eventually(() => receiver.received.length === 3);
      await eventually(async () => (await again.control.webhooks.backlog("shop")).pending === 0);
      expect((await again.control.webhooks.deliveries("shop", { limit: 10 })).items).toHaveLength(3);
    });

    it("are not delayed by a receiver that never answers", async () => {
      const { control, store } = await aControl(backend);
      const [dead, alive] = [await startReceiver(), await startReceiver()];
      dead.answer = () => undefined;
      await control.webhooks.create(actor, "dead", aWebhook(dead.url, { concurrency: 2 }));
      await control.webhooks.create(actor, "alive", aWebhook(alive.url));
      const startedAt = Date.now();
      for (let index = 0; index < 20; index += 1) await observeRun(store, `r${index}`, "failed");
      await eventually(() => alive.received.length === 20);
      expect(Date.now() - startedAt).toBeLessThan(10_000);
      expect(dead.received).toHaveLength(2);
    });

    it("test a receiver at once, also one that is switched off, and refuse addresses that must not be called", async () => {
      const { control } = await aControl(backend);
      const receiver = await startReceiver();
      const { key } = await control.webhooks.create(actor, "shop", aWebhook(receiver.url, { enabled: false }));
      expect(await control.webhooks.test(actor, "shop")).toMatchObject({ outcome: "delivered", status: 204 });
      expect(verify(key, receiver.received[0])).toMatchObject({ type: "webhook.test", data: { webhook: "shop" } });
      await receiver.close();
      expect(await control.webhooks.test(actor, "shop")).toMatchObject({ outcome: "failed" });
      for (const url of [
        "http://169.254.169.254/latest",
        "https://192.168.0.1/",
        "http://93.184.216.34/",
        "nonsense",
      ]) {
        const refused = { code: "ADDRESS_REFUSED" };
        await expect(control.webhooks.create(actor, "bad", aWebhook(url))).rejects.toMatchObject(refused);
      }
    });

    it("keep a message below 20 kB however many subjects a run is about", async () => {
      const { control, store } = await aControl(backend);
      const receiver = await startReceiver();
      const definition = aWebhook(receiver.url, { include_conf: true });
      await control.webhooks.create(actor, "shop", definition);
      const subjects = Array.from({ length: 300 }, (_, index) => ({ type: "aid", id: `${"x".repeat(300)}${index}` }));
      await observeRun(store, "r1", "failed", { subjects, conf: { text: "y".repeat(10_000) } });
      await eventually(() => receiver.received.length === 1);
      const { body, message } = receiver.received[0];
      expect(Buffer.byteLength(body)).toBeLessThanOrEqual(20_000);
      expect(message.data).toMatchObject({ subjects_total: 300, conf_omitted: true });
      expect((message.data["subjects"] as unknown[]).length).toBeGreaterThan(20);
    });
  });
}
