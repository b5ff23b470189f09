import { describe, expect, it } from "vitest";
import { toActionId } from "@airfleet/model";
import { backends, PATIENT, withStore } from "./backends.ts";
import { EU, pauseOf, US } from "./samples.ts";

const LEASE_MS = 60;

for (const backend of backends) {
  describe(`actions on ${backend.name}`, PATIENT, () => {
    it("records an action with its audit row and event", () =>
      withStore(backend, async (store) => {
        const { action, created, lease } = await store.actions.record(pauseOf("orders"));
        expect({ created, lease }).toEqual({ created: true, lease: null });
        expect(await store.actions.find(action.id)).toEqual(action);
        expect(action).toMatchObject({
          state: "pending",
          verb: "dag:pause",
          dagId: "orders",
          attempts: 0,
          sentAt: null,
        });
        await store.audit.sequence();
        await store.events.sequence();
        const [row] = (await store.audit.list({ limit: 5 })).items;
        expect(row).toMatchObject({
          seq: 1,
          outcome: "requested",
          actionId: action.id,
          details: { request: { paused: true } },
        });
        const [event] = await store.events.list({ after: 0, limit: 5 });
        expect(event).toMatchObject({ kind: "action.recorded", instance: "eu-1", dagId: "orders" });
      }));

    it("records nothing of an action when one part of it cannot be written", async () => {
      await using place = await backend.freshPlace();
      await using store = await place.open();
      await place.sql("drop table events_pending");
      await expect(store.actions.record(pauseOf("billing"))).rejects.toThrow(/events_pending/);
      expect((await store.actions.list({ limit: 10 })).items).toEqual([]);
      expect(await place.sql("select * from audit_pending")).toEqual([]);
    });

    it("records one action for one dedupe key, however many ask at once", () =>
      withStore(backend, async (store) => {
        const asked = Array.from({ length: 20 }, () => store.actions.record(pauseOf("orders", { dedupeKey: "k-1" })));
        const answers = await Promise.all(asked);
        expect(answers.filter(({ created }) => created)).toHaveLength(1);
        expect(new Set(answers.map(({ action }) => action.id)).size).toBe(1);
        expect((await store.audit.list({ limit: 50 })).items).toHaveLength(1);
      }));

    it("leases a new action to the caller that will carry it out, so that nobody else claims it", () =>
      withStore(backend, async (store, place) => {
        const leaseTo = { owner: "web-1", leaseMs: LEASE_MS };
        const { action, lease } = await store.actions.record(pauseOf("orders"), { leaseTo });
        expect(lease).toMatchObject({ owner: "web-1", fencingToken: 1 });
        expect(await store.actions.claim({ owner: "worker", limit: 5, leaseMs: LEASE_MS })).toEqual([]);
        await place.passTime(LEASE_MS);
        const [claimed] = await store.actions.claim({ owner: "worker", limit: 5, leaseMs: LEASE_MS });
        expect(claimed?.action).toMatchObject({ id: action.id, attempts: 2 });
        expect(claimed?.lease).toMatchObject({ owner: "worker", fencingToken: 2 });
      }));

    it("gives each pending action to one of many claimers", () =>
      withStore(backend, async (store) => {
        for (let index = 0; index < 40; index += 1) await store.actions.record(pauseOf(`dag_${index}`));
        const claims = Array.from({ length: 8 }, (_, index) =>
          store.actions.claim({ owner: `w${index}`, limit: 10, leaseMs: 60_000 }),
        );
        const ids = (await Promise.all(claims)).flat().map(({ action }) => action.id);
        expect(ids).toHaveLength(40);
        expect(new Set(ids).size).toBe(40);
      }));

    it("claims the oldest first, up to the limit, and none that is not due yet", () =>
      withStore(backend, async (store, place) => {
        const first = await store.actions.record(pauseOf("a"));
        await place.passTime(2);
        const second = await store.actions.record(pauseOf("b"));
        const [claimed] = await store.actions.claim({ owner: "w", limit: 1, leaseMs: 60_000 });
        expect(claimed?.action.id).toBe(first.action.id);
        const reference = { id: first.action.id, fencingToken: claimed.lease.fencingToken };
        expect(await store.actions.release(reference, { retryAfterMs: LEASE_MS })).toBe(true);
        const [next, ...others] = await store.actions.claim({ owner: "w", limit: 5, leaseMs: 60_000 });
        expect([next?.action.id, others]).toEqual([second.action.id, []]);
        await place.passTime(LEASE_MS);
        expect((await store.actions.claim({ owner: "w", limit: 5, leaseMs: 60_000 }))[0]?.action.id).toBe(
          first.action.id,
        );
      }));

    it("refuses and counts every write of a lease that was lost", () =>
      withStore(backend, async (store, place) => {
        const { action } = await store.actions.record(pauseOf("orders"), {
          leaseTo: { owner: "zombie", leaseMs: LEASE_MS },
        });
        await place.passTime(LEASE_MS);
        await store.actions.claim({ owner: "heir", limit: 1, leaseMs: 60_000 });
        const stale = { id: action.id, fencingToken: 1 };
        expect(await store.actions.renew(stale, 60_000)).toBe(false);
        expect(await store.actions.markSent(stale)).toBe(false);
        expect(await store.actions.release(stale, { retryAfterMs: 0 })).toBe(false);
        expect(await store.actions.finish({ ...stale, state: "failed" })).toBeUndefined();
        expect(store.actions.fencedCount()).toBe(4);
        expect(await store.actions.finish({ id: action.id, fencingToken: 2, state: "done" })).toMatchObject({
          state: "done",
        });
        expect(await store.actions.finish({ id: action.id, fencingToken: 2, state: "failed" })).toBeUndefined();
        expect((await store.audit.list({ limit: 10 })).items.map(({ outcome }) => outcome)).toEqual([
          "done",
          "requested",
        ]);
      }));

    it("keeps a renewed lease", () =>
      withStore(backend, async (store, place) => {
        const { action } = await store.actions.record(pauseOf("orders"), {
          leaseTo: { owner: "w", leaseMs: LEASE_MS },
        });
        expect(await store.actions.renew({ id: action.id, fencingToken: 1 }, 60_000)).toBe(true);
        await place.passTime(LEASE_MS);
        expect(await store.actions.claim({ owner: "other", limit: 1, leaseMs: 1 })).toEqual([]);
      }));

    it("remembers that an action was sent, and what was so before, over a change of worker", () =>
      withStore(backend, async (store, place) => {
        const { action } = await store.actions.record(pauseOf("orders"), {
          leaseTo: { owner: "w", leaseMs: LEASE_MS },
        });
        expect(await store.actions.markSent({ id: action.id, fencingToken: 1 }, { paused: false })).toBe(true);
        await place.passTime(LEASE_MS);
        const [heir] = await store.actions.claim({ owner: "heir", limit: 1, leaseMs: 60_000 });
        expect(heir?.action.before).toEqual({ paused: false });
        expect(heir?.action.sentAt).toEqual(expect.any(Number));
        const done = await store.actions.finish({
          id: action.id,
          fencingToken: 2,
          state: "done",
          after: { paused: true },
        });
        expect(done).toMatchObject({ before: { paused: false }, after: { paused: true }, error: null });
      }));

    it("forgets a mark of sending when the holder knows that nothing was sent", () =>
      withStore(backend, async (store) => {
        const { action } = await store.actions.record(pauseOf("orders"), { leaseTo: { owner: "w", leaseMs: 1_000 } });
        const lease = { id: action.id, fencingToken: 1 };
        await store.actions.markSent(lease, { paused: false });
        expect(await store.actions.release(lease, { retryAfterMs: 0, unsent: true })).toBe(true);
        expect(await store.actions.find(action.id)).toMatchObject({ sentAt: null, before: null, state: "pending" });
      }));

    it("keeps the secret part encrypted, hands it to the holder, and drops it at the end", () =>
      withStore(backend, async (store, place) => {
        const { action } = await store.actions.record(pauseOf("orders", { secret: { conf: "canary-conf" } }));
        const everything = async () => JSON.stringify(await place.sql("select * from actions"));
        expect(await everything()).not.toContain("canary-conf");
        const [claimed] = await store.actions.claim({ owner: "w", limit: 1, leaseMs: 60_000 });
        expect(claimed?.secret).toEqual({ conf: "canary-conf" });
        await store.actions.finish({ id: action.id, fencingToken: 1, state: "done" });
        const [row] = await place.sql("select sealed from actions");
        expect(row).toEqual({ sealed: null });
      }));

    it("tells in audit and error what failed", () =>
      withStore(backend, async (store) => {
        const { action } = await store.actions.record(pauseOf("orders"), { leaseTo: { owner: "w", leaseMs: 1_000 } });
        const error = { code: "DAG_UNKNOWN", message: "no such\u0000 DAG \uD800" } as const;
        const failed = await store.actions.finish({ id: action.id, fencingToken: 1, state: "failed", error });
        expect(failed?.error).toEqual({ code: "DAG_UNKNOWN", message: "no such\uFFFD DAG \uFFFD" });
        expect((await store.audit.list({ limit: 1 })).items[0]).toMatchObject({
          outcome: "failed",
          details: { error: { code: "DAG_UNKNOWN" } },
        });
      }));

    it("lists newest first by instance, state and verb, page by page", () =>
      withStore(backend, async (store) => {
        for (let index = 0; index < 25; index += 1) {
          await store.actions.record(
            pauseOf(`dag_${index}`, index % 5 === 0 ? { instance: US, verb: "run:clear" } : {}),
          );
        }
        const seen: string[] = [];
        let after: string | undefined;
        do {
          const page = await store.actions.list({
            limit: 7,
            instances: [EU],
            ...(after === undefined ? {} : { after }),
          });
          seen.push(...page.items.map(({ dagId }) => String(dagId)));
          after = page.next ?? undefined;
        } while (after !== undefined);
        expect(seen).toHaveLength(20);
        expect(seen[0]).toBe("dag_24");
        expect((await store.actions.list({ limit: 50, verbs: ["run:clear"], states: ["pending"] })).items).toHaveLength(
          5,
        );
        expect((await store.actions.list({ limit: 50, states: [] })).items).toEqual([]);
        expect(await store.actions.find(toActionId("act_none"))).toBeUndefined();
      }));

    it("drops finished actions after their time, never pending ones", () =>
      withStore(backend, async (store) => {
        const { action } = await store.actions.record(pauseOf("a"), { leaseTo: { owner: "w", leaseMs: 1_000 } });
        await store.actions.record(pauseOf("b"));
        await store.actions.finish({ id: action.id, fencingToken: 1, state: "done" });
        expect(await store.actions.sweep(Number.MAX_SAFE_INTEGER)).toBe(1);
        expect((await store.actions.list({ limit: 5 })).items.map(({ dagId }) => dagId)).toEqual(["b"]);
      }));
  });
}
