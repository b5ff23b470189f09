import { describe, expect, it } from "vitest";
import { generateSecretKey } from "../src/index.ts";
import { backends, PATIENT, withStore } from "./backends.ts";
import { EU, instanceOf, pauseOf, US } from "./samples.ts";

for (const backend of backends) {
  describe(`stored instances on ${backend.name}`, PATIENT, () => {
    it("gives a configuration back whole, and shows none of its secrets in the database", () =>
      withStore(backend, async (store, place) => {
        const config = instanceOf("eu-1", {
          url: "https://ada:canary-in-url@airflow.example.com/base",
          headers: { "X-Gateway-Key": "canary-header" },
          tls: { key: "canary-tls-key", insecure: true },
          labels: { region: "eu" },
          description: "first",
        });
        const created = await store.instances.create(config);
        expect(created).toMatchObject({ id: "eu-1", version: 1, config });
        expect(await store.instances.find(EU)).toEqual(created);
        const [row] = await place.sql("select * from instances");
        expect(JSON.stringify(row)).not.toContain("canary");
        expect(String(row["config"])).toContain("first");
      }));

    it("refuses an id that differs from another only in case", () =>
      withStore(backend, async (store) => {
        await store.instances.create(instanceOf("EU-1"));
        const exists = expect.objectContaining({ code: "INSTANCE_EXISTS" });
        await expect(store.instances.create(instanceOf("eu-1"))).rejects.toEqual(exists);
        expect((await store.instances.list()).map(({ id }) => id)).toEqual(["EU-1"]);
      }));

    it("lets exactly one of two writers with the same version through", () =>
      withStore(backend, async (store) => {
        await store.instances.create(instanceOf("eu-1"));
        const change = (description: string) => store.instances.update(instanceOf("eu-1", { description }), 1);
        const results = await Promise.allSettled([change("a"), change("b")]);
        expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
        const conflict = { code: "VERSION_CONFLICT", details: expect.objectContaining({ given: 1, current: 2 }) };
        await expect(change("c")).rejects.toMatchObject(conflict);
        await expect(store.instances.remove(EU, 1)).rejects.toMatchObject(conflict);
        await store.instances.remove(EU, 2);
        const unknown = expect.objectContaining({ code: "INSTANCE_UNKNOWN" });
        await expect(store.instances.remove(EU, 2)).rejects.toEqual(unknown);
        await expect(change("d")).rejects.toEqual(unknown);
      }));

    it("refuses an encrypted value that was moved to another row or changed", () =>
      withStore(backend, async (store, place) => {
        await store.instances.create(instanceOf("eu-1"));
        await store.instances.create(instanceOf("us-1", { auth: { type: "bearer", token: "other" } }));
        await place.sql(
          "update instances set sealed = (select sealed from instances where id = 'us-1') where id = 'eu-1'",
        );
        await expect(store.instances.find(EU)).rejects.toMatchObject({ code: "STORE_DAMAGED" });
        expect((await store.instances.find(US))?.config.auth).toEqual({ type: "bearer", token: "other" });
      }));

    it("remembers instances that left the files as disabled", () =>
      withStore(backend, async (store, place) => {
        await store.knownInstances.remember([
          { id: EU, source: "airfleet.yaml", enabled: true },
          { id: US, source: "stored", enabled: true },
        ]);
        const [first] = await store.knownInstances.list();
        await place.passTime(5);
        await store.knownInstances.remember([{ id: EU, source: "clients.json", enabled: true }]);
        const [eu, us] = await store.knownInstances.list();
        expect(eu).toEqual({ ...first, source: "clients.json", lastSeenAt: first.lastSeenAt + 5 });
        expect(us).toMatchObject({ id: US, source: "stored", enabled: false });
        await store.knownInstances.remember([]);
        expect((await store.knownInstances.list()).map(({ enabled }) => enabled)).toEqual([false, false]);
      }));

    it("encrypts everything anew under another key", async () => {
      await using place = await backend.place();
      const next = generateSecretKey();
      const request = { actor: "a", method: "POST", route: "/x", key: "k", requestHash: "h" };
      {
        await using store = await place.open();
        await store.instances.create(instanceOf("eu-1"));
        await store.actions.record(pauseOf("orders", { secret: { conf: 1 } }));
        const verdict = await store.idempotency.begin(request);
        if (verdict.kind === "fresh") await store.idempotency.finish(verdict.claim, { status: 200, body: "b" });
        await store.rotateSecretKey(next);
      }
      await expect(place.open()).rejects.toMatchObject({ code: "SECRET_KEY_WRONG" });
      await using store = await place.open({ secretKey: next });
      expect((await store.instances.find(EU))?.config.auth).toMatchObject({ password: "canary-password" });
      expect((await store.actions.claim({ owner: "w", limit: 1, leaseMs: 1_000 }))[0]?.secret).toEqual({ conf: 1 });
      expect(await store.idempotency.begin(request)).toEqual({ kind: "replay", answer: { status: 200, body: "b" } });
    });
  });
}
