import { describe, expect, it } from "vitest";
import { type DocumentWrite, generateSecretKey } from "../src/index.ts";
import { backends, PATIENT, withStore } from "./backends.ts";

const AUTHOR = { actor: "token:ada", sourceIp: "10.0.0.7", requestId: "req-1" };
const hook = (id: string, extra: Partial<DocumentWrite> = {}): DocumentWrite => ({
  kind: "webhook",
  id,
  body: { url: "https://shop.example.org/hook" },
  ...extra,
});

const alone = (others: readonly { readonly body: object }[]): void => {
  if (others.some(({ body }) => "only" in body)) throw new Error("taken");
};

for (const backend of backends) {
  describe(`documents on ${backend.name}`, PATIENT, () => {
    it("gives a definition back, and shows its secret neither in the table nor in the audit trail", () =>
      withStore(backend, async (store, place) => {
        const created = await store.documents.create(hook("shop", { secret: { key: "canary-1" } }), AUTHOR);
        expect(created).toMatchObject({ kind: "webhook", id: "shop", version: 1, secret: { key: "canary-1" } });
        expect(await store.documents.find("webhook", "shop")).toEqual(created);
        await store.documents.update(
          hook("shop", { body: { url: "https://b" }, secret: { key: "canary-2" } }),
          1,
          AUTHOR,
        );
        await store.documents.remove("webhook", "shop", 2, AUTHOR);
        const { items } = await store.audit.list({ limit: 10 });
        expect(items.map(({ verb }) => verb)).toEqual(["webhook:remove", "webhook:update", "webhook:create"]);
        expect(items[1]).toMatchObject({
          actor: "token:ada",
          sourceIp: "10.0.0.7",
          requestId: "req-1",
          details: { id: "shop", before: created.body, after: { url: "https://b" }, secret_changed: true },
        });
        await store.documents.create(hook("shop", { secret: { key: "canary-3" } }), AUTHOR);
        const rows = [
          ...(await place.sql("select * from documents")),
          ...(await place.sql("select * from audit_pending")),
        ];
        expect(rows.length).toBeGreaterThan(3);
        expect(JSON.stringify(rows)).not.toContain("canary");
      }));

    it("keeps the secret when a change says nothing of it, and forgets it when told to", () =>
      withStore(backend, async (store) => {
        await store.documents.create(hook("shop", { secret: { key: "k" } }), AUTHOR);
        expect((await store.documents.update(hook("shop"), 1, AUTHOR)).secret).toEqual({ key: "k" });
        expect((await store.documents.update(hook("shop", { secret: null }), 2, AUTHOR)).secret).toBeNull();
      }));

    it("refuses an id that is taken in its kind only", () =>
      withStore(backend, async (store) => {
        await store.documents.create(hook("shop"), AUTHOR);
        await store.documents.create(hook("shop", { kind: "alert_rule" }), AUTHOR);
        const exists = { code: "DOCUMENT_EXISTS", message: expect.stringContaining('webhook "shop"') };
        await expect(store.documents.create(hook("shop"), AUTHOR)).rejects.toMatchObject(exists);
        expect((await store.documents.list("webhook")).map(({ id }) => id)).toEqual(["shop"]);
        expect((await store.audit.list({ limit: 10 })).items).toHaveLength(2);
      }));

    it("lets only one of many that are written at once have what only one may have", () =>
      withStore(backend, async (store) => {
        const ids = ["a", "b", "c", "d"];
        for (const id of ids.slice(0, 2)) await store.documents.create(hook(id), AUTHOR);
        const results = await Promise.allSettled(
          ids.map((id, index) =>
            index < 2
              ? store.documents.update(hook(id, { body: { only: true } }), 1, AUTHOR, alone)
              : store.documents.create(hook(id, { body: { only: true } }), AUTHOR, alone),
          ),
        );
        expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
        const having = (await store.documents.list("webhook")).filter(({ body }) => "only" in body);
        expect(having).toHaveLength(1);
        // Whoever has it may be written again.
        const { id, version } = having[0];
        await store.documents.update(hook(id, { body: { only: "still" } }), version, AUTHOR, alone);
      }));

    it("lets exactly one of two writers with the same version through", () =>
      withStore(backend, async (store) => {
        await store.documents.create(hook("shop"), AUTHOR);
        const change = (url: string) => store.documents.update(hook("shop", { body: { url } }), 1, AUTHOR);
        const results = await Promise.allSettled([change("a"), change("b")]);
        expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
        const conflict = { code: "VERSION_CONFLICT", details: { given: 1, current: 2 } };
        await expect(change("c")).rejects.toMatchObject(conflict);
        await expect(store.documents.remove("webhook", "shop", 1, AUTHOR)).rejects.toMatchObject(conflict);
        await store.documents.remove("webhook", "shop", 2, AUTHOR);
        await expect(change("d")).rejects.toMatchObject({ code: "DOCUMENT_UNKNOWN" });
        await expect(store.documents.remove("webhook", "shop", 2, AUTHOR)).rejects.toMatchObject({
          code: "DOCUMENT_UNKNOWN",
        });
      }));

    it("raises the revision of the changed kind with every change, and of no other", () =>
      withStore(backend, async (store) => {
        expect(await store.documents.revision("webhook")).toBe(0);
        await store.documents.create(hook("shop"), AUTHOR);
        await store.documents.update(hook("shop"), 1, AUTHOR);
        await store.documents.update(hook("shop"), 1, AUTHOR).catch(() => undefined);
        expect(await store.documents.revision("webhook")).toBe(2);
        await store.documents.remove("webhook", "shop", 2, AUTHOR);
        expect(await store.documents.revision("webhook")).toBe(3);
        expect(await store.documents.revision("alert_rule")).toBe(0);
      }));

    it("encrypts secrets anew under another key", async () => {
      await using place = await backend.place();
      const next = generateSecretKey();
      {
        await using store = await place.open();
        await store.documents.create(hook("shop", { secret: { key: "k" } }), AUTHOR);
        await store.rotateSecretKey(next);
      }
      await using again = await place.open({ secretKey: next });
      expect((await again.documents.find("webhook", "shop"))?.secret).toEqual({ key: "k" });
    });
  });
}
