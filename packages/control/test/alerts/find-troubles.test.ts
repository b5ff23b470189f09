import { type AlertRuleDefinition, toDagId, toInstanceId, toRunId } from "@airfleet/model";
import type { Store } from "@airfleet/store";
import { describe, expect, it } from "vitest";
import { instanceOf } from "../../../server/test/support/fake-control.ts";
import { backends, PATIENT, withStore } from "../../../store/test/backends.ts";
import { findTroubles } from "../../src/alerts/find-troubles.ts";
import { aRule, observeRun } from "../webhooks/outgoing-fixture.ts";

const HOUR = 3_600_000;
const fleet = [
  instanceOf("eu-1", { tier: "production", labels: { team: "a" } }),
  instanceOf("us-1"),
  instanceOf("off-1", { enabled: false }),
];

const find = (store: Store, rule: AlertRuleDefinition, { now = Date.now(), instances = fleet } = {}) =>
  findTroubles({ store, instances: () => instances, now: () => now }, rule);

for (const backend of backends) {
  describe(`what alert rules find on ${backend.name}`, PATIENT, () => {
    it("is a failed run without a later success, on instances of the rule's tier and labels", () =>
      withStore(backend, async (store) => {
        for (const instance of ["eu-1", "us-1", "off-1"]) await observeRun(store, "r1", "failed", { instance });
        await observeRun(store, "r1", "failed", { instance: "eu-1", dagId: "mended", dueHour: 1 });
        await observeRun(store, "r2", "success", { instance: "eu-1", dagId: "mended", dueHour: 2 });
        const failed = { condition: "run_failed_no_later_success" as const };
        const on = async (changes: object) =>
          (await find(store, aRule({ ...failed, ...changes }))).map(({ instance, dagId }) => `${instance} ${dagId}`);
        expect((await on({})).toSorted()).toEqual(["eu-1 orders", "us-1 orders"]);
        expect(await on({ tiers: ["production"] })).toEqual(["eu-1 orders"]);
        expect(await on({ labels: { team: "a" } })).toEqual(["eu-1 orders"]);
        expect(await on({ instances: ["us-*"] })).toEqual(["us-1 orders"]);
        expect(await on({ dag_ids: ["orders"] })).toHaveLength(2);
        expect(await on({ dag_ids: ["bills*"] })).toEqual([]);
      }));

    it("is a subject without a success for too long, and none that is too young to have one", () =>
      withStore(backend, async (store, place) => {
        const startedAt = Date.parse("2026-11-21T10:00:00Z");
        await observeRun(store, "r1", "failed", {
          subjects: [{ type: "aid", id: "never", label: "The Aid" }],
          at: startedAt,
        });
        await observeRun(store, "r2", "success", {
          subjects: [{ type: "aid", id: "once" }],
          dueHour: 2,
          at: startedAt,
        });
        const rule = aRule({ condition: "subject_stale", subject_type: "aid", stale_after_seconds: 3_600 });
        const [row] = await place.sql("select min(first_seen_at) as at from subjects");
        const seenAt = Number(row["at"]);
        expect((await find(store, rule, { now: seenAt + HOUR - 1 })).map(({ subject }) => subject?.id)).toEqual([]);
        const found = await find(store, rule, { now: seenAt + 2 * HOUR });
        expect(new Set(found.map(({ subject }) => subject?.id))).toEqual(new Set(["never", "once"]));
        const never = found.find(({ subject }) => subject?.id === "never");
        expect(never?.text).toBe("aid The Aid (never) has never succeeded");
        const other = aRule({ condition: "subject_stale", subject_type: "book", stale_after_seconds: 3_600 });
        expect(await find(store, other, { now: seenAt + 2 * HOUR })).toEqual([]);
      }));

    it("is a trigger that was rejected lately", () =>
      withStore(backend, async (store) => {
        const place = { instance: toInstanceId("eu-1"), dagId: toDagId("orders"), runId: toRunId("r1") };
        const asked = { verb: "run:trigger", actor: "token:ci", request: {}, secret: { intent: {} }, ...place };
        const trigger = { ...asked, trigger: { confHash: "h", subjects: [] } };
        const request = { scope: null, requestHash: "h", actor: "token:ci", facts: {}, refused: [] };
        await store.triggers.record({ ...request, triggers: [{ position: 0, trigger }] });
        const rule = aRule({ condition: "trigger_rejected" });
        expect(await find(store, rule)).toEqual([]);
        const [taken] = await store.actions.claim({ owner: "me", limit: 1, leaseMs: 60_000 });
        const error = { code: "CONF_INVALID", message: "no such param" } as const;
        const lease = { id: taken.action.id, fencingToken: taken.lease.fencingToken };
        await store.actions.finish({ ...lease, state: "failed", error, trigger: { state: "rejected" } });
        const [stored] = (await store.triggers.list({ limit: 1 })).items;
        const now = stored.createdAt + 1;
        expect(await find(store, rule, { now })).toMatchObject([{ instance: "eu-1", dagId: "orders", dagRunId: "r1" }]);
        expect((await find(store, rule, { now }))[0].text).toContain("no such param");
        expect(await find(store, rule, { now: now + HOUR })).toEqual([]);
      }));
  });
}

describe("what alert rules find of instances", () => {
  it("is one that does not answer or refuses us, and a scheduler that says it is dead", async () => {
    const [sqlite] = backends;
    await withStore(sqlite, async (store) => {
      const { status } = fleet[0];
      const heartbeatAt = "2026-11-20T03:00:00Z";
      const dead = [{ name: "scheduler", status: "unhealthy", heartbeatAt }] as const;
      const silent = [{ name: "scheduler", status: "unknown", heartbeatAt: null }] as const;
      const instances = [
        instanceOf("gone", {
          status: { ...status, state: "unreachable", health: { healthy: false, components: dead } },
        }),
        instanceOf("closed", { status: { ...status, state: "refused" } }),
        instanceOf("stuck", {
          status: { ...status, state: "unhealthy", health: { healthy: false, components: dead } },
        }),
        instanceOf("mute", { status: { ...status, health: { healthy: true, components: silent } } }),
      ];
      const keys = async (condition: "instance_unreachable" | "scheduler_silent") =>
        (await find(store, aRule({ condition }), { instances })).map(({ key }) => key);
      expect(await keys("instance_unreachable")).toEqual(["gone", "closed"]);
      expect(await keys("scheduler_silent")).toEqual(["stuck"]);
    });
  });
});
