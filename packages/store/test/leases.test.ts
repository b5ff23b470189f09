import { describe, expect, it } from "vitest";
import { backends, PATIENT, withStore } from "./backends.ts";

const TTL_MS = 60;

for (const backend of backends) {
  describe(`leases on ${backend.name}`, PATIENT, () => {
    it("gives a lease to one of many that ask at once", () =>
      withStore(backend, async (store) => {
        const asked = Array.from({ length: 10 }, (_, index) =>
          store.leases.acquire({ name: "poller", owner: `p${index}`, ttlMs: 60_000 }),
        );
        const held = (await Promise.all(asked)).filter((lease) => lease !== undefined);
        expect(held).toHaveLength(1);
        expect(held[0]).toMatchObject({ name: "poller", term: 1 });
      }));

    it("passes an expired lease on with a higher term, and refuses the former owner", () =>
      withStore(backend, async (store, place) => {
        const first = await store.leases.acquire({ name: "poller", owner: "a", ttlMs: TTL_MS });
        expect(await store.leases.acquire({ name: "poller", owner: "b", ttlMs: TTL_MS })).toBeUndefined();
        await place.passTime(TTL_MS);
        const second = await store.leases.acquire({ name: "poller", owner: "b", ttlMs: 60_000 });
        expect(second).toMatchObject({ owner: "b", term: 2 });
        expect(second!.expiresAt - 60_000).toBeGreaterThanOrEqual(first!.expiresAt);
        expect(await store.leases.renew(first!, TTL_MS)).toBeUndefined();
        await store.leases.release(first!);
        expect(await store.leases.find("poller")).toEqual(second);
      }));

    it("keeps the term for the owner that renews or asks again in time, not for one that let it expire", () =>
      withStore(backend, async (store, place) => {
        const lease = await store.leases.acquire({ name: "poller", owner: "a", ttlMs: TTL_MS });
        expect(await store.leases.renew(lease!, TTL_MS)).toMatchObject({ term: 1 });
        expect(await store.leases.acquire({ name: "poller", owner: "a", ttlMs: TTL_MS })).toMatchObject({ term: 1 });
        await place.passTime(TTL_MS);
        expect(await store.leases.renew(lease!, TTL_MS)).toBeUndefined();
        expect(await store.leases.acquire({ name: "poller", owner: "a", ttlMs: TTL_MS })).toMatchObject({ term: 2 });
      }));

    it("is free at once when it was released, and its term goes on rising", () =>
      withStore(backend, async (store) => {
        const lease = await store.leases.acquire({ name: "sequencer", owner: "a", ttlMs: 60_000 });
        await store.leases.release(lease!);
        expect(await store.leases.acquire({ name: "sequencer", owner: "b", ttlMs: 60_000 })).toMatchObject({ term: 2 });
      }));

    it("counts the members that were heard of lately", () =>
      withStore(backend, async (store, place) => {
        const member = { hostname: "host\u0000", pid: 7, roles: ["api", "worker"] };
        await store.members.heartbeat({ ...member, id: "m-1" });
        await store.members.heartbeat({ ...member, id: "m-2" });
        await place.passTime(TTL_MS * 2);
        await store.members.heartbeat({ ...member, id: "m-2" });
        const live = await store.members.live(TTL_MS);
        expect(live).toMatchObject([{ id: "m-2", pid: 7, hostname: "host\uFFFD", roles: ["api", "worker"] }]);
        expect(live[0].seenAt - live[0].startedAt).toBeGreaterThanOrEqual(TTL_MS * 2);
        expect(await store.members.live(60_000)).toHaveLength(2);
        await store.members.sweep(TTL_MS);
        await store.members.leave("m-2");
        expect(await store.members.live(60_000)).toEqual([]);
      }));
  });
}
