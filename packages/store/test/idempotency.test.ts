import { describe, expect, it } from "vitest";
import { IDEMPOTENCY_TTL_MS, type IdempotencyClaim, type KeyedRequest, type Store } from "../src/index.ts";
import { backends, PATIENT, withStore } from "./backends.ts";

const request: KeyedRequest = {
  actor: "token:ci",
  method: "POST",
  route: "/api/v1/tokens",
  key: "k-1",
  requestHash: "h-1",
};
const answer = { status: 201, body: { token: "canary-token", list: [1, null] } };

const claimOf = async (store: Store, keyed: KeyedRequest): Promise<IdempotencyClaim> => {
  const verdict = await store.idempotency.begin(keyed);
  if (verdict.kind !== "fresh") throw new Error(`expected a fresh key, got ${verdict.kind}`);
  return verdict.claim;
};

for (const backend of backends) {
  describe(`idempotency keys on ${backend.name}`, PATIENT, () => {
    it("lets one of 100 equal requests through, and replays its answer to the others", () =>
      withStore(backend, async (store, place) => {
        const verdicts = await Promise.all(Array.from({ length: 100 }, () => store.idempotency.begin(request)));
        const kinds = verdicts.map(({ kind }) => kind);
        expect([
          kinds.filter((kind) => kind === "fresh").length,
          kinds.filter((kind) => kind === "outstanding").length,
        ]).toEqual([1, 99]);
        const fresh = verdicts.find((verdict) => verdict.kind === "fresh");
        await store.idempotency.finish(fresh!.claim, answer);
        expect(await store.idempotency.begin(request)).toEqual({ kind: "replay", answer });
        expect(JSON.stringify(await place.sql("select * from idempotency_keys"))).not.toContain("canary-token");
      }));

    it("refuses the same key with another request, outstanding or answered", () =>
      withStore(backend, async (store) => {
        const claim = await claimOf(store, request);
        const reused = expect.objectContaining({ code: "IDEMPOTENCY_KEY_REUSED" });
        await expect(store.idempotency.begin({ ...request, requestHash: "h-2" })).rejects.toEqual(reused);
        await store.idempotency.finish(claim, answer);
        await expect(store.idempotency.begin({ ...request, requestHash: "h-2" })).rejects.toEqual(reused);
      }));

    it("tells callers, methods and routes apart", () =>
      withStore(backend, async (store) => {
        await claimOf(store, request);
        for (const change of [{ actor: "local" }, { method: "PUT" }, { route: "/api/v1/instances" }, { key: "k-2" }]) {
          expect((await store.idempotency.begin({ ...request, ...change, requestHash: "h-9" })).kind).toBe("fresh");
        }
      }));

    it("lets an abandoned request come again", () =>
      withStore(backend, async (store) => {
        await store.idempotency.abandon(await claimOf(store, request));
        expect((await store.idempotency.begin({ ...request, requestHash: "h-2" })).kind).toBe("fresh");
      }));

    it("takes back the key of a server that died, and ignores what that one says afterwards", () =>
      withStore(backend, async (store, place) => {
        const dead = await claimOf(store, request);
        await place.sql("update idempotency_keys set outstanding_until = 1");
        await expect(store.idempotency.begin({ ...request, requestHash: "h-2" })).rejects.toThrow(/used before/);
        const heir = await claimOf(store, request);
        await store.idempotency.finish(dead, { status: 500, body: null });
        await store.idempotency.abandon(dead);
        expect((await store.idempotency.begin(request)).kind).toBe("outstanding");
        await store.idempotency.finish(heir, answer);
        expect(await store.idempotency.begin(request)).toEqual({ kind: "replay", answer });
      }));

    it("forgets keys after a day", () =>
      withStore(backend, async (store, place) => {
        for (const key of ["a", "b", "c"])
          await store.idempotency.finish(await claimOf(store, { ...request, key }), answer);
        expect(await store.idempotency.sweep()).toBe(0);
        await place.sql(`update idempotency_keys set expires_at = expires_at - ${IDEMPOTENCY_TTL_MS}`);
        await place.passTime(1);
        expect((await store.idempotency.begin({ ...request, key: "a", requestHash: "h-2" })).kind).toBe("fresh");
        expect([
          await store.idempotency.sweep(1),
          await store.idempotency.sweep(),
          await store.idempotency.sweep(),
        ]).toEqual([1, 1, 0]);
      }));
  });
}
