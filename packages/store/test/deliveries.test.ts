import { describe, expect, it } from "vitest";
import type { NewDelivery } from "../src/index.ts";
import { backends, PATIENT, withStore } from "./backends.ts";

const news = (receiver: string, extra: Partial<NewDelivery> = {}): NewDelivery => ({
  receiver,
  type: "run.changed",
  payload: { state: "failed" },
  tries: 3,
  ...extra,
});
const TRY = { at: 1_000, durationMs: 5, status: 500, answer: "no", error: null } as const;

for (const backend of backends) {
  describe(`deliveries on ${backend.name}`, PATIENT, () => {
    it("moves a reader of the log and adds its deliveries together, for one of two processes only", () =>
      withStore(backend, async (store) => {
        await store.events.append({ kind: "a" }, { kind: "b" });
        await store.events.sequence();
        const from = await store.deliveries.cursor("webhooks");
        expect(from).toBe(2);
        const cursor = { name: "webhooks", from, to: 5 };
        const results = await Promise.all([
          store.deliveries.advance(cursor, [news("webhook/a")]),
          store.deliveries.advance(cursor, [news("webhook/a")]),
        ]);
        expect(results.filter((isWritten) => isWritten)).toEqual([true]);
        expect(await store.deliveries.cursor("webhooks")).toBe(5);
        expect((await store.deliveries.list({ receivers: ["webhook/a"], limit: 10 })).items).toHaveLength(1);
      }));

    it("leases what is due to one sender at a time, by receiver, and again when the lease has run out", () =>
      withStore(backend, async (store, place) => {
        await store.deliveries.add([news("webhook/a"), news("webhook/b"), news("webhook/a")]);
        const claim = (owner: string) =>
          store.deliveries.claim({ receiver: "webhook/a", owner, limit: 10, leaseMs: 200 });
        const [first, second] = await Promise.all([claim("one"), claim("two")]);
        expect(first.length + second.length).toBe(2);
        const [lost] = [...first, ...second];
        expect(await store.deliveries.dueInMs("webhook/a")).toBeGreaterThan(0);
        await place.passTime(201);
        expect(await store.deliveries.dueInMs("webhook/a")).toBe(0);
        const [taken] = await claim("three");
        expect(taken.delivery.id).toBe(lost.delivery.id);
        expect(await store.deliveries.settle(lost.lease, TRY, { state: "delivered" })).toBe(false);
        expect(store.deliveries.fencedCount()).toBe(1);
        expect(await store.deliveries.settle(taken.lease, TRY, { state: "delivered" })).toBe(true);
        expect(await store.deliveries.attempts(taken.delivery.id)).toEqual([{ attempt: 1, ...TRY }]);
        expect(await store.deliveries.find(taken.delivery.id)).toMatchObject({ state: "delivered", attempts: 1 });
      }));

    it("puts a failed try off, ends with dead, and is tried anew under the same id on request", () =>
      withStore(backend, async (store, place) => {
        const [id] = await store.deliveries.add([news("webhook/a")]);
        const claim = () => store.deliveries.claim({ receiver: "webhook/a", owner: "me", limit: 1, leaseMs: 30_000 });
        const [first] = await claim();
        await store.deliveries.settle(first.lease, TRY, { state: "pending", retryAfterMs: 150 });
        expect(await claim()).toEqual([]);
        expect(await store.deliveries.redeliver(id, 9)).toBe(false);
        await place.passTime(151);
        const [second] = await claim();
        expect(second.delivery).toMatchObject({ id, attempts: 1, triesLeft: 2, lastStatus: 500 });
        await store.deliveries.settle(second.lease, { ...TRY, status: null, error: "reset\u0000" }, { state: "dead" });
        expect(await store.deliveries.backlog("webhook/a")).toEqual({ pending: 0, dead: 1, oldestPendingAt: null });
        expect(await store.deliveries.dueInMs("webhook/a")).toBeUndefined();
        expect(await store.deliveries.redeliverDead("webhook/a", 9)).toBe(1);
        const [third] = await claim();
        expect(third.delivery).toMatchObject({ id, attempts: 2, triesLeft: 9, finishedAt: null });
        await store.deliveries.release(third.lease);
        expect((await claim())[0].delivery.id).toBe(id);
      }));

    it("makes one delivery of the same key", () =>
      withStore(backend, async (store) => {
        expect(await store.deliveries.add([news("webhook/a", { dedupeKey: "k" })])).toHaveLength(1);
        expect(await store.deliveries.add([news("webhook/a", { dedupeKey: "k" })])).toEqual([]);
      }));

    it("lists newest first by receiver and state, a page at a time", () =>
      withStore(backend, async (store) => {
        const ids = await store.deliveries.add([news("webhook/a"), news("webhook/a"), news("webhook/b")]);
        const first = await store.deliveries.list({ receivers: ["webhook/a"], limit: 1 });
        const second = await store.deliveries.list({ receivers: ["webhook/a"], limit: 1, after: first.next! });
        expect([...first.items, ...second.items].map(({ id }) => id)).toEqual([ids[1], ids[0]]);
        expect(second.next).toBeNull();
        expect((await store.deliveries.list({ receivers: ["webhook/a"], states: ["dead"], limit: 9 })).items).toEqual(
          [],
        );
        const other = { receivers: ["webhook/b"], limit: 1, after: first.next! };
        await expect(store.deliveries.list(other)).rejects.toMatchObject({ code: "CURSOR_INVALID" });
      }));

    it("ends what waits for a receiver that is gone, and refuses what a sender in flight writes then", () =>
      withStore(backend, async (store) => {
        await store.deliveries.add([news("webhook/a"), news("webhook/b")]);
        const [held] = await store.deliveries.claim({ receiver: "webhook/a", owner: "me", limit: 1, leaseMs: 30_000 });
        expect(await store.deliveries.abandon("webhook/a", "removed")).toBe(1);
        expect(await store.deliveries.settle(held.lease, TRY, { state: "delivered" })).toBe(false);
        expect(await store.deliveries.backlog("webhook/b")).toMatchObject({ pending: 1, dead: 0 });
      }));

    it("drops old finished deliveries with their tries, and no others", () =>
      withStore(backend, async (store, place) => {
        await store.deliveries.add([news("webhook/a"), news("webhook/a")]);
        const [held] = await store.deliveries.claim({ receiver: "webhook/a", owner: "me", limit: 1, leaseMs: 30_000 });
        await store.deliveries.settle(held.lease, TRY, { state: "delivered" });
        const after = (await store.deliveries.find(held.delivery.id))!.finishedAt! + 1;
        expect(await store.deliveries.sweep(after - 10)).toBe(0);
        expect(await store.deliveries.sweep(after)).toBe(1);
        expect(await place.sql("select * from delivery_attempts")).toEqual([]);
        expect((await store.deliveries.list({ receivers: ["webhook/a"], limit: 9 })).items).toHaveLength(1);
      }));
  });
}
