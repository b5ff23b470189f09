import { describe, expect, it } from "vitest";
import { toDagId, toRunId, toTriggerId } from "@airfleet/model";
import type { NewTrigger, NewTriggerRequest, Store } from "../src/index.ts";
import { backends, PATIENT, withStore } from "./backends.ts";
import { EU, US } from "./samples.ts";

const LEASE_MS = 60;

const triggerOf = (runId: string, changes: Partial<NewTrigger> = {}): NewTrigger => ({
  verb: "run:trigger",
  actor: "token:ci",
  instance: EU,
  dagId: toDagId("orders"),
  runId: toRunId(runId),
  request: { conf: { day: "2026-11-20" } },
  secret: { intent: { runId } },
  trigger: { confHash: "hash", subjects: [] },
  ...changes,
});

const requestOf = (triggers: readonly NewTrigger[], changes: Partial<NewTriggerRequest> = {}): NewTriggerRequest => ({
  scope: null,
  requestHash: "asked",
  actor: "token:ci",
  facts: {},
  refused: [],
  triggers: triggers.map((trigger, position) => ({ position, trigger })),
  ...changes,
});

const eventsOf = async (store: Store, kind: string) => {
  while ((await store.events.sequence()) > 0);
  return (await store.events.list({ after: 0, limit: 2_000 })).filter((event) => event.kind === kind);
};

const leased = async (store: Store) => {
  const [first] = await store.actions.claim({ owner: "a", limit: 1, leaseMs: LEASE_MS });
  if (first === undefined) throw new Error("nothing to claim");
  return { id: first.action.id, fencingToken: first.lease.fencingToken };
};

for (const backend of backends) {
  describe(`triggers on ${backend.name}`, PATIENT, () => {
    it("records all triggers of a request with their actions, audit rows and events", () =>
      withStore(backend, async (store) => {
        const triggers = Array.from({ length: 450 }, (_, index) =>
          triggerOf(`r${index}`, { instance: index % 2 === 0 ? EU : US }),
        );
        const recorded = await store.triggers.record(requestOf(triggers));
        expect(recorded.created).toBe(true);
        expect(recorded.triggers.map(({ runId }) => runId)).toEqual(triggers.map(({ runId }) => runId));
        expect(new Set(recorded.triggers.map(({ requestId }) => requestId)).size).toBe(1);
        const [first] = recorded.triggers;
        expect(first).toMatchObject({ state: "pending", position: 0, error: null, warnings: [] });
        const action = await store.actions.find(first.actionId);
        expect(action).toMatchObject({ verb: "run:trigger", state: "pending", runId: "r0" });
        expect(await store.triggers.ofRequest(first.requestId)).toEqual(recorded.triggers);
        expect((await store.actions.list({ limit: 1_000 })).items).toHaveLength(450);
        expect(await eventsOf(store, "trigger.changed")).toHaveLength(450);
      }));

    it("records nothing of a request when one part of it cannot be written", async () => {
      await using place = await backend.freshPlace();
      await using store = await place.open();
      await place.sql("drop table events_pending");
      await expect(store.triggers.record(requestOf([triggerOf("r1")]))).rejects.toThrow(/events_pending/);
      for (const table of ["trigger_requests", "triggers", "actions", "audit_pending"]) {
        expect(await place.sql(`select * from ${table}`)).toEqual([]);
      }
    });

    it("records one request for one scope, however many ask at once", () =>
      withStore(backend, async (store) => {
        const ask = (index: number) =>
          store.triggers.record(requestOf([triggerOf(`r${index}`)], { scope: "one", requestHash: "same" }));
        const all = await Promise.all(Array.from({ length: 20 }, (_, index) => ask(index)));
        expect(all.filter(({ created }) => created)).toHaveLength(1);
        expect(new Set(all.map(({ triggers }) => triggers[0]?.runId)).size).toBe(1);
        expect((await store.actions.list({ limit: 100 })).items).toHaveLength(1);
        expect((await store.triggers.findByScope("one"))?.request.requestHash).toBe("same");
      }));

    it("follows its action from pending over sending to accepted, and keeps every attempt", () =>
      withStore(backend, async (store) => {
        const { triggers } = await store.triggers.record(requestOf([triggerOf("r1")]));
        const id = triggers[0].id;
        const first = await leased(store);
        await store.actions.markSent(first, {});
        expect(await store.triggers.find(id)).toMatchObject({ state: "sending" });
        expect(await store.triggers.attempts(id)).toMatchObject([{ number: 1, durationMs: null, status: null }]);
        const sent = {
          at: 5,
          method: "POST",
          path: "/api/v2/dags/orders/dagRuns",
          request: { conf: {} },
          status: 503,
          answer: "later",
          isCut: false,
          durationMs: 12.4,
          error: null,
        };
        await store.actions.release(first, { retryAfterMs: 0, unsent: true, sent: [sent] });
        expect(await store.triggers.find(id)).toMatchObject({ state: "pending" });
        const second = await leased(store);
        await store.actions.markSent(second, {});
        const end = { state: "accepted" as const, sent: [{ ...sent, status: 200, answer: "{}" }], lookAt: 77 };
        await store.actions.finish({ ...second, state: "done", trigger: end });
        expect(await store.triggers.find(id)).toMatchObject({ state: "accepted", error: null });
        expect(await store.triggers.attempts(id)).toMatchObject([
          { number: 1, status: 503, answer: "later", durationMs: 12 },
          { number: 2, status: 200, answer: "{}" },
        ]);
        expect((await store.triggers.listWatched({ now: 77, limit: 5 })).map((one) => one.id)).toEqual([id]);
        expect((await eventsOf(store, "trigger.changed")).map(({ payload }) => payload["state"])).toEqual([
          "pending",
          "accepted",
        ]);
      }));

    it("ends many that end at the same moment each in its own way, once", () =>
      withStore(backend, async (store) => {
        const subjects = [{ type: "order", id: "7" }];
        const refused = triggerOf("refused", { trigger: { confHash: "hash", subjects } });
        const asked = [triggerOf("silent"), triggerOf("twice"), refused, triggerOf("lost"), triggerOf("unopened")];
        const { triggers } = await store.triggers.record(requestOf(asked));
        const leases = (await store.actions.claim({ owner: "a", limit: 9, leaseMs: 60_000 })).map(
          ({ action, lease }) => ({ id: action.id, fencingToken: lease.fencingToken }),
        );
        const [silent, twice, no, lost, unopened] = leases;
        await store.actions.markTriggersSent([silent, twice, no, lost]);
        const sent = { at: 5, method: "POST", path: "/runs", request: {}, isCut: false, durationMs: 1, error: null };
        const yes = { ...sent, status: 200, answer: "{}" };
        const accepted = (requests: readonly (typeof yes)[]) => ({
          state: "done" as const,
          trigger: { state: "accepted" as const, sent: requests, lookAt: 77 },
        });
        const error = { code: "AIRFLOW_REFUSED" as const, message: "no" };
        const ended = await Promise.all([
          store.actions.finish({ ...silent, ...accepted([]) }),
          store.actions.finish({
            ...twice,
            ...accepted([{ ...sent, status: 503, answer: "later" }, yes]),
            after: { n: 1 },
          }),
          store.actions.finish({
            ...no,
            state: "failed",
            error,
            trigger: { state: "rejected", sent: [{ ...yes, status: 400 }] },
          }),
          store.actions.finish({ ...lost, ...accepted([yes]), fencingToken: lost.fencingToken - 1 }),
          store.actions.finish({ ...unopened, ...accepted([yes]) }),
          store.actions.finish({ ...twice, state: "failed" }),
        ]);
        expect(ended.map((action) => action?.state)).toEqual(["done", "done", "failed", undefined, "done", undefined]);
        expect(store.actions.fencedCount()).toBe(2);
        expect(ended[1]).toMatchObject({ after: { n: 1 }, before: {}, warnings: [], error: null });
        expect(await store.triggers.ofRequest(triggers[0].requestId)).toMatchObject([
          { state: "accepted", error: null },
          { state: "accepted", error: null },
          { state: "rejected", error },
          { state: "sending" },
          { state: "accepted" },
        ]);
        const attempts = await Promise.all(triggers.map(({ id }) => store.triggers.attempts(id)));
        expect(attempts.map((own) => own.map(({ number, status }) => [number, status]))).toEqual([
          [],
          [
            [1, 503],
            [2, 200],
          ],
          [[1, 400]],
          [[1, null]],
          [[1, 200]],
        ]);
        expect((await store.subjects.find({ type: "order", id: "7" }))?.state).not.toBe("pending");
        const told = (await eventsOf(store, "trigger.changed")).filter(({ payload }) => payload["before"] !== null);
        expect(new Set(told.map(({ runId }) => runId))).toEqual(new Set(["refused", "silent", "twice", "unopened"]));
        expect(told).toHaveLength(4);
        const requested = { limit: 99, verbs: ["run:trigger"] };
        const notes = (await store.audit.list(requested)).items.filter(({ outcome }) => outcome !== "requested");
        expect(notes.map(({ outcome }) => outcome).toSorted()).toEqual(["done", "done", "done", "failed"]);
      }));

    it("says of an attempt whose process died that its answer is not known", () =>
      withStore(backend, async (store, place) => {
        const { triggers } = await store.triggers.record(requestOf([triggerOf("r1")]));
        await store.actions.markSent(await leased(store), {});
        await place.passTime(LEASE_MS + 1);
        const second = await leased(store);
        await store.actions.markSent(second, {});
        const attempts = await store.triggers.attempts(triggers[0].id);
        expect(attempts.map(({ number, error }) => [number, error])).toEqual([
          [1, "no answer is known: the process that waited for it ended"],
          [2, null],
        ]);
      }));

    it("notes of many at once that they are sent, but of none whose lease was lost", () =>
      withStore(backend, async (store, place) => {
        const names = ["r1", "r2", "r3"];
        const { triggers } = await store.triggers.record(requestOf(names.map((name) => triggerOf(name))));
        const late = await leased(store);
        await place.passTime(LEASE_MS + 1);
        const again = await leased(store);
        expect(again.id).toBe(late.id);
        const claimed = await store.actions.claim({ owner: "a", limit: 5, leaseMs: LEASE_MS });
        const held = claimed.map(({ action, lease }) => ({ id: action.id, fencingToken: lease.fencingToken }));
        expect(held).toHaveLength(2);
        const refused = store.actions.fencedCount();
        expect(await store.actions.markTriggersSent([late, ...held])).toEqual(new Set(held.map(({ id }) => id)));
        expect(store.actions.fencedCount()).toBe(refused + 1);
        const now = await store.triggers.ofRequest(triggers[0].requestId);
        expect(now.map(({ state }) => state)).toEqual(["pending", "sending", "sending"]);
        expect(await store.triggers.attempts(now[0].id)).toEqual([]);
        expect(await store.triggers.attempts(now[1].id)).toMatchObject([{ number: 1, durationMs: null }]);
        expect(await store.actions.find(held[0].id)).toMatchObject({ sentAt: expect.any(Number) });
        expect(await store.actions.markTriggersSent([])).toEqual(new Set());
      }));

    it("calls off what was not sent, so that the worker who holds it cannot send it any more", () =>
      withStore(backend, async (store) => {
        const { triggers } = await store.triggers.record(requestOf([triggerOf("r1")]));
        const held = await leased(store);
        const reason = { code: "ACTION_OUT_OF_TIME", message: "called off" } as const;
        const off = await store.triggers.cancel({ id: triggers[0].id, actor: "token:ci", reason });
        expect(off).toMatchObject({ cancelled: true, trigger: { state: "cancelled" } });
        expect(await store.actions.markSent(held, {})).toBe(false);
        expect(await store.actions.find(held.id)).toMatchObject({ state: "failed" });
      }));

    it("calls nothing off that may have been sent", () =>
      withStore(backend, async (store) => {
        const { triggers } = await store.triggers.record(requestOf([triggerOf("r1")]));
        const held = await leased(store);
        await store.actions.markSent(held, {});
        const reason = { code: "ACTION_OUT_OF_TIME", message: "called off" } as const;
        const off = await store.triggers.cancel({ id: triggers[0].id, actor: "token:ci", reason });
        expect(off).toMatchObject({ cancelled: false, trigger: { state: "sending" } });
        expect(await store.actions.finish({ ...held, state: "done" })).toMatchObject({ state: "done" });
        expect(await store.triggers.cancel({ id: toTriggerId("trg_none"), actor: "a", reason })).toBeUndefined();
      }));

    it("lets no trigger overtake an earlier one of its DAG that waits to be tried again", () =>
      withStore(backend, async (store, place) => {
        const other = triggerOf("x1", { dagId: toDagId("billing") });
        await store.triggers.record(requestOf([triggerOf("r1"), triggerOf("r2"), other]));
        const first = await leased(store);
        await store.actions.release(first, { retryAfterMs: 200 });
        const claim = () => store.actions.claim({ owner: "a", limit: 10, leaseMs: LEASE_MS });
        expect((await claim()).map(({ action }) => action.runId)).toEqual(["x1"]);
        const late = await store.triggers.record(requestOf([triggerOf("r3")]), {
          leaseTo: { owner: "a", leaseMs: LEASE_MS },
        });
        expect(late.leased).toEqual([]);
        await place.passTime(200);
        const rest = (await claim()).map(({ action }) => action.runId);
        expect(rest.filter((runId) => runId !== "x1")).toEqual(["r1", "r2", "r3"]);
      }));

    it("claims for one instance, and names those that have something to claim", () =>
      withStore(backend, async (store) => {
        await store.triggers.record(requestOf([triggerOf("r1"), triggerOf("r2", { instance: US })]));
        expect([...(await store.actions.dueInstances())].sort()).toEqual([EU, US]);
        const claimed = await store.actions.claim({ owner: "a", limit: 9, leaseMs: LEASE_MS, instance: US });
        expect(claimed.map(({ action }) => action.runId)).toEqual(["r2"]);
        expect(await store.actions.dueInstances()).toEqual([EU]);
      }));

    it("lists newest first by every filter, and goes on after a cursor", () =>
      withStore(backend, async (store) => {
        const { request } = await store.triggers.record(
          requestOf([triggerOf("r1"), triggerOf("r2", { instance: US })]),
        );
        await store.triggers.record(requestOf([triggerOf("r3", { actor: "token:ops" })]));
        const ids = async (query: object) =>
          (await store.triggers.list({ limit: 10, ...query })).items.map(({ runId }) => runId);
        expect(await ids({})).toEqual(["r3", "r2", "r1"]);
        expect(await ids({ instances: [US] })).toEqual(["r2"]);
        expect(await ids({ requestId: request.id })).toEqual(["r2", "r1"]);
        expect(await ids({ actor: "token:ops" })).toEqual(["r3"]);
        expect(await ids({ states: ["accepted"] })).toEqual([]);
        const page = await store.triggers.list({ limit: 2 });
        const rest = await store.triggers.list({ limit: 2, after: page.next ?? "" });
        expect(rest.items.map(({ runId }) => runId)).toEqual(["r1"]);
      }));

    it("keeps the name of a dropped trigger that a key stands for, and nothing of others", () =>
      withStore(backend, async (store) => {
        const keyed = await store.triggers.record(requestOf([triggerOf("r1")], { scope: "key" }));
        const plain = await store.triggers.record(requestOf([triggerOf("r2")]));
        for (const trigger of ["r1", "r2"]) {
          const held = await leased(store);
          await store.actions.markSent(held, {});
          await store.actions.finish({ ...held, state: "done", trigger: { state: "accepted" } });
          expect(trigger).toBeDefined();
        }
        const ids = [keyed, plain].map(({ triggers }) => triggers[0].id);
        expect(await store.triggers.drop(ids)).toBe(2);
        expect((await store.triggers.list({ limit: 10 })).items).toEqual([]);
        expect(await store.triggers.find(ids[0])).toBeUndefined();
        const again = await store.triggers.record(requestOf([triggerOf("r9")], { scope: "key" }));
        expect(again).toMatchObject({ created: false, triggers: [{ runId: "r1", state: "accepted", request: {} }] });
        expect(await store.triggers.forgetRequests(again.request.createdAt + 1)).toBe(2);
        expect(await store.triggers.findByScope("key")).toBeUndefined();
      }));

    it("adds a warning once, with an event", () =>
      withStore(backend, async (store) => {
        const { triggers } = await store.triggers.record(requestOf([triggerOf("r1")]));
        const warnings = [{ code: "DAG_PAUSED", message: "paused" }];
        const id = triggers[0].id;
        expect(await store.triggers.watch(id, { lookAt: 9, warnings })).toBe(true);
        expect(await store.triggers.watch(id, { lookAt: null, warnings })).toBe(false);
        expect((await store.triggers.find(id))?.warnings).toEqual(warnings);
        expect(await eventsOf(store, "trigger.changed")).toHaveLength(2);
      }));
  });
}
