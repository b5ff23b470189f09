import { randomUUID } from "node:crypto";
import { type PipelineContent, toInstanceId } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import type { Store } from "../src/index.ts";
import { backends, PATIENT, withStore } from "./backends.ts";

const AUTHOR = { actor: "token:ada", sourceIp: "10.0.0.7", requestId: "req-1" };

const contentOf = (name: string, changes: Partial<PipelineContent> = {}): PipelineContent => ({
  name,
  description: null,
  version: "1.0.0",
  config: { nodes: [{ id: "read", data: { moduleId: "csv-extractor" } }], edges: [] },
  schedule: null,
  isScheduled: false,
  timeZone: "UTC",
  status: "draft",
  tags: [],
  defaultParams: {},
  owner: null,
  tenant: null,
  environments: {},
  ...changes,
});

const add = (store: Store, name: string, changes: Partial<PipelineContent> = {}) =>
  store.pipelines.create({ id: randomUUID(), content: contentOf(name, changes), planHash: "h1" }, AUTHOR);

const change = (store: Store, id: string, changes: Partial<PipelineContent>, revision?: number) =>
  store.pipelines.change(
    { id, revision, note: "why" },
    (present) => ({ content: { ...contentOf(present.name), ...changes }, planHash: "h2" }),
    AUTHOR,
  );

const refuse = () => {
  throw new Error("refused");
};

const names = async (store: Store, query: object) =>
  (await store.pipelines.list({ limit: 100, ...query })).items.map(({ name }) => name);

for (const backend of backends) {
  describe(`pipelines on ${backend.name}`, PATIENT, () => {
    it("gives back whatever was stored, hostile texts included", () =>
      withStore(backend, async (store) => {
        const content = contentOf('"""\u0000 {{ x }} \u2028 \ud800', {
          description: "l'eau\nlourde",
          config: JSON.parse('{"nodes":[{"id":"\\u0000","data":{"__proto__":{"a":1}}}],"edges":[],"other":1}'),
          schedule: "0 3 * * *",
          isScheduled: true,
          timeZone: "Australia/Lord_Howe",
          status: "active",
          tags: ["orders", "daily"],
          defaultParams: { day: "2026-01-01", limit: 3 },
          owner: "ada",
          tenant: "acme",
          environments: { prod: [toInstanceId("eu-1"), toInstanceId("us-1")] },
        });
        const id = randomUUID();
        const created = await store.pipelines.create({ id, content, planHash: null }, AUTHOR);
        expect(created).toMatchObject({ ...content, name: '"""\ufffd {{ x }} \u2028 \ufffd', id, revision: 1 });
        expect(await store.pipelines.find(id)).toEqual(created);
        expect(JSON.stringify(created.config)).toBe(JSON.stringify(content.config));
        expect((await store.pipelines.version(id, 1))?.content).toEqual({ ...content, name: created.name });
        expect(await store.pipelines.list({ limit: 5 })).toMatchObject({ items: [{ id, nodes: 1 }], next: null });
        await expect(store.pipelines.create({ id, content, planHash: null }, AUTHOR)).rejects.toMatchObject({
          code: "PIPELINE_EXISTS",
        });
      }));

    it("keeps every change as a version and tells of it in the trail and the stream", () =>
      withStore(backend, async (store) => {
        const { id } = await add(store, "orders");
        const changed = await change(store, id, { tags: ["daily"], status: "active" });
        expect(changed).toMatchObject({ revision: 2, planHash: "h2", status: "active" });
        const { items } = await store.pipelines.versions(id, { limit: 10 });
        expect(items).toMatchObject([
          { revision: 2, author: "token:ada", note: "why", planHash: "h2", name: "orders" },
          { revision: 1, author: "token:ada", note: null, planHash: "h1" },
        ]);
        expect((await store.pipelines.version(id, 1))?.content.status).toBe("draft");
        expect(await store.pipelines.version(id, 3)).toBeUndefined();
        await store.pipelines.remove({ id, revision: 2 }, AUTHOR);
        const trail = (await store.audit.list({ limit: 10 })).items;
        expect(trail.map(({ verb }) => verb)).toEqual(["pipeline:remove", "pipeline:update", "pipeline:create"]);
        expect(trail[1]).toMatchObject({
          actor: "token:ada",
          details: { id, name: "orders", revision: 2, changed: ["status", "tags"] },
        });
        await store.events.sequence();
        const events = await store.events.list({ after: 0, limit: 10 });
        expect(events.map(({ kind }) => kind)).toEqual(["pipeline.created", "pipeline.changed", "pipeline.removed"]);
        expect(events[1]?.payload).toMatchObject({ id, revision: 2, plan_hash: "h2", actor: "token:ada" });
      }));

    it("writes nothing when a change changes nothing", () =>
      withStore(backend, async (store) => {
        const { id } = await add(store, "orders", { defaultParams: { a: 1, b: 2 } });
        const edit = (defaultParams: PipelineContent["defaultParams"]) =>
          store.pipelines.change(
            { id },
            () => ({ content: contentOf("orders", { defaultParams }), planHash: "h1" }),
            AUTHOR,
          );
        expect(await edit({ b: 2, a: 1 })).toMatchObject({ revision: 1 });
        expect((await store.audit.list({ limit: 10 })).items).toHaveLength(1);
        expect(await edit({ a: 1 })).toMatchObject({ revision: 2 });
      }));

    it("lets one of two writers through who have read the same revision, and both who name none", () =>
      withStore(backend, async (store) => {
        const { id } = await add(store, "orders");
        const both = await Promise.allSettled([
          change(store, id, { version: "2" }, 1),
          change(store, id, { version: "3" }, 1),
        ]);
        expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
        const conflict = { code: "VERSION_CONFLICT", details: { given: 1, current: 2 } };
        await expect(change(store, id, { version: "4" }, 1)).rejects.toMatchObject(conflict);
        await expect(store.pipelines.remove({ id, revision: 1 }, AUTHOR)).rejects.toMatchObject(conflict);
        const bump = () =>
          store.pipelines.change(
            { id },
            ({ defaultParams, name }) => ({
              content: contentOf(name, { defaultParams: { n: Number(defaultParams["n"] ?? 0) + 1 } }),
              planHash: null,
            }),
            AUTHOR,
          );
        await Promise.all(Array.from({ length: 8 }, bump));
        expect(await store.pipelines.find(id)).toMatchObject({ revision: 10, defaultParams: { n: 8 } });
      }));

    it("changes nothing when the edit throws", () =>
      withStore(backend, async (store) => {
        const { id } = await add(store, "orders");
        await expect(store.pipelines.change({ id }, refuse, AUTHOR)).rejects.toThrow("refused");
        expect(await store.pipelines.find(id)).toMatchObject({ revision: 1 });
      }));

    it("remembers when it was first scheduled, whatever is changed later", () =>
      withStore(backend, async (store, place) => {
        const { id, firstScheduledAt } = await add(store, "orders", { schedule: "0 3 * * *" });
        expect(firstScheduledAt).toBeNull();
        const scheduled = await change(store, id, { schedule: "0 3 * * *", isScheduled: true });
        expect(scheduled.firstScheduledAt).toBe(scheduled.updatedAt);
        await place.passTime(50);
        await change(store, id, { schedule: null, isScheduled: false });
        const again = await change(store, id, { schedule: "0 4 * * *", isScheduled: true });
        expect(again.firstScheduledAt).toBe(scheduled.firstScheduledAt);
        expect(
          (await add(store, "b", { schedule: "@daily", isScheduled: true, status: "paused" })).firstScheduledAt,
        ).toBe(null);
      }));

    it("hides a removed pipeline, and forgets it when told to", () =>
      withStore(backend, async (store, place) => {
        const { id } = await add(store, "orders", { tags: ["a"] });
        expect(await store.pipelines.purge(id)).toBe(false);
        expect(await store.pipelines.remove({ id }, AUTHOR)).toMatchObject({ id, removedAt: expect.any(Number) });
        expect(await store.pipelines.find(id)).toBeUndefined();
        expect(await store.pipelines.list({ limit: 5 })).toEqual({ items: [], next: null });
        await expect(change(store, id, {})).rejects.toMatchObject({ code: "PIPELINE_UNKNOWN" });
        await expect(store.pipelines.remove({ id }, AUTHOR)).rejects.toMatchObject({
          code: "PIPELINE_UNKNOWN",
          message: "Pipeline not found",
        });
        expect(await store.pipelines.removed(10)).toMatchObject([{ id, name: "orders" }]);
        expect(await store.pipelines.version(id, 1)).toBeDefined();
        expect(await store.pipelines.purge(id)).toBe(true);
        expect(await store.pipelines.removed(10)).toEqual([]);
        expect(await store.pipelines.version(id, 1)).toBeUndefined();
        expect(await place.sql("select * from pipeline_terms")).toEqual([]);
      }));

    it("finds pipelines by text, tags, status, owner and tenant, alone and together", () =>
      withStore(backend, async (store) => {
        await add(store, "Orders ÉTÉ", { tags: ["daily", "eu"], owner: "ada", tenant: "acme", status: "active" });
        await add(store, "Invoices", { tags: ["daily"], owner: "bob", description: "100% of orders_x" });
        await add(store, "Stock", { tags: ["eu"], owner: "ada" });
        expect(await names(store, {})).toHaveLength(3);
        expect(await names(store, { text: "été" })).toEqual(["Orders ÉTÉ"]);
        expect((await names(store, { text: "orders" })).toSorted()).toEqual(["Invoices", "Orders ÉTÉ"]);
        expect(await names(store, { text: "100%" })).toEqual(["Invoices"]);
        expect(await names(store, { text: "orders_x" })).toEqual(["Invoices"]);
        expect(await names(store, { tags: ["daily", "eu"] })).toEqual(["Orders ÉTÉ"]);
        expect(await names(store, { tags: ["eu"], owner: "ada", statuses: ["draft"] })).toEqual(["Stock"]);
        expect(await names(store, { tenant: "acme" })).toEqual(["Orders ÉTÉ"]);
        expect(await names(store, { statuses: [] })).toEqual([]);
        expect(await store.pipelines.count({ owner: "ada" }, 10)).toBe(2);
        expect(await store.pipelines.count({}, 2)).toBe(2);
        const { id } = await add(store, "Gone", { tags: ["old"] });
        await change(store, id, { tags: ["new"] });
        expect(await names(store, { tags: ["old"] })).toEqual([]);
        expect(await names(store, { tags: ["new"] })).toEqual(["Gone"]);
        const uses = { modules: ["csv-extractor", "csv-extractor", "join"], connections: ["warehouse"] };
        const use = (name: string) =>
          store.pipelines.create({ id: randomUUID(), content: contentOf(name), planHash: null, uses }, AUTHOR);
        await use("first");
        await store.pipelines.remove({ id: (await use("second")).id }, AUTHOR);
        expect(await names(store, { modules: ["join", "csv-extractor"], connections: ["warehouse"] })).toEqual([
          "first",
        ]);
        expect(await names(store, { tags: ["join"] })).toEqual([]);
        expect(await store.pipelines.usage("module")).toEqual(
          new Map([
            ["csv-extractor", 1],
            ["join", 1],
          ]),
        );
      }));

    it("pages through all, newest first, without missing or repeating any of the same instant", () =>
      withStore(backend, async (store, place) => {
        for (let index = 0; index < 7; index += 1) {
          await add(store, `p${index}`);
          if (index === 3) await place.passTime(5);
        }
        const seen: string[] = [];
        let after: string | undefined;
        do {
          const page = await store.pipelines.list({ limit: 2, ...(after === undefined ? {} : { after }) });
          seen.push(...page.items.map(({ name }) => name));
          after = page.next ?? undefined;
        } while (after !== undefined);
        expect(seen).toHaveLength(7);
        expect(new Set(seen).size).toBe(7);
        expect(seen.slice(0, 3).toSorted()).toEqual(["p4", "p5", "p6"]);
        expect(await names(store, { limit: 3, offset: 2 })).toEqual(seen.slice(2, 5));
        const { next } = await store.pipelines.list({ limit: 2 });
        await expect(store.pipelines.list({ limit: 2, owner: "ada", after: next ?? "" })).rejects.toMatchObject({
          code: "CURSOR_INVALID",
        });
        const { id } = (await store.pipelines.list({ limit: 1 })).items.at(0)!;
        await change(store, id, { version: "2" });
        await change(store, id, { version: "3" });
        const newest = await store.pipelines.versions(id, { limit: 2 });
        expect(newest.items.map(({ revision }) => revision)).toEqual([3, 2]);
        const rest = await store.pipelines.versions(id, { limit: 2, after: newest.next ?? "" });
        expect(rest).toMatchObject({ items: [{ revision: 1 }], next: null });
      }));
  });
}
