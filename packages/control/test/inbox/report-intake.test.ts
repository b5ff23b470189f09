import type { Store } from "@airfleet/store";
import { describe, expect, it } from "vitest";
import { backends, PATIENT, withStore } from "../../../store/test/backends.ts";
import { aStore, eventually } from "../fleet-fixture.ts";
import { aReport, anIntake, anOldReport, key, place } from "./sample-reports.ts";

const sender = { source: "native", instance: place.instance };

const heldBack = (store: Store, keep: Store["inbox"]["reports"]["keep"]): Store => ({
  ...store,
  inbox: { ...store.inbox, reports: { ...store.inbox.reports, keep } },
});

describe.each(backends)("the way in for reports on $name", PATIENT, (backend) => {
  it("answers when reports are on the disk, and lets callers of the same moment share a transaction", () =>
    withStore(backend, async (store) => {
      const sizes: number[] = [];
      const counting = heldBack(store, async (reports, withinMs) => {
        sizes.push(reports.length);
        return store.inbox.reports.keep(reports, withinMs);
      });
      const { intake } = anIntake(counting);
      const all = Array.from({ length: 120 }, () => aReport());
      const taken = await Promise.all(
        all.map(async (report) => {
          const [one] = await intake.take(sender, [report]);
          // As another process would see it.
          const { items } = await store.inbox.reports.list({ run: key, limit: 500 });
          return {
            outcome: one?.outcome,
            isThere: items.some(({ messageId }) => messageId === `eu/${report.eventId}`),
          };
        }),
      );
      expect(taken).toEqual(all.map(() => ({ outcome: "accepted", isThere: true })));
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(120);
      expect(sizes.length).toBeLessThan(10);
      await intake.applied(place.instance);
      expect((await store.runs.find(key))?.record.state).toBe("running");
      expect(await store.inbox.waiting.list(Number.MAX_SAFE_INTEGER, 10)).toEqual([]);
    }));

  it("knows a report again: by its sender's id for ever, by its content for a minute, each instance's by itself", () =>
    withStore(backend, async (store) => {
      const { intake } = anIntake(store);
      const native = aReport();
      const old = anOldReport();
      const outcomes = async (reports: readonly ReturnType<typeof aReport>[], instance = place.instance) =>
        (await intake.take({ ...sender, instance }, reports)).map(({ outcome }) => outcome);
      expect(await outcomes([native, old, native, old])).toEqual(["accepted", "accepted", "duplicate", "duplicate"]);
      expect(await outcomes([native, old])).toEqual(["duplicate", "duplicate"]);
      expect(await outcomes([{ ...native, contentHash: "another" }])).toEqual(["duplicate"]);
      expect(await outcomes([{ ...native, eventId: "another" }])).toEqual(["accepted"]);
      expect(await outcomes([native, old], "us" as never)).toEqual(["accepted", "accepted"]);
    }));

  it("lets one caller's failure be nobody else's, and forgets nothing that it refused", () =>
    withStore(backend, async (store) => {
      let isBroken = true;
      const flaky = heldBack(store, (reports, withinMs) =>
        isBroken ? Promise.reject(new Error("the disk is full")) : store.inbox.reports.keep(reports, withinMs),
      );
      const { intake, applier } = anIntake(flaky);
      const report = aReport();
      await expect(intake.take(sender, [report])).rejects.toThrow("the disk is full");
      isBroken = false;
      expect(await intake.take(sender, [report])).toMatchObject([{ outcome: "accepted" }]);
      await intake.applied(place.instance);
      expect(applier.waiting()).toBe(0);
    }));

  it("applies what somebody kept who then died", () =>
    withStore(backend, async (store, room) => {
      const { applier } = anIntake(store);
      // Kept, and never applied: no run is ever told here.
      const { intake } = anIntake({ ...store, runs: { ...store.runs, observe: () => new Promise(() => undefined) } });
      await intake.take(sender, [aReport(), aReport({ runState: "failed" })]);
      expect(await store.runs.find(key)).toBeUndefined();
      await room.sql("update waiting_reports set received_at = received_at - 6000");
      applier.start();
      await eventually(async () => (await store.runs.find(key))?.record.state === "failed");
      await eventually(async () => (await store.inbox.waiting.list(Number.MAX_SAFE_INTEGER, 10)).length === 0);
      await applier.stop();
      expect(await store.inbox.confirmations.listDue(place.instance, Number.MAX_SAFE_INTEGER, 10)).toHaveLength(1);
    }));
});

describe("the way in for reports", () => {
  it("refuses more than it can hold, so that the sender keeps them, and takes them when there is room again", async () => {
    const store = await aStore();
    const { promise: gate, resolve: release } = Promise.withResolvers<undefined>();
    const slow = heldBack(store, async (reports) => {
      await gate;
      return reports.map(() => null);
    });
    const { intake } = anIntake(slow);
    const calls = Array.from({ length: 40 }, () =>
      intake.take(
        sender,
        Array.from({ length: 500 }, () => aReport()),
      ),
    );
    await expect(intake.take(sender, [aReport()])).rejects.toMatchObject({
      code: "REPORTS_BUSY",
      status: 503,
      retryable: true,
      retryAfterSeconds: 1,
    });
    release(undefined);
    await Promise.all(calls);
    expect(await intake.take(sender, [aReport()])).toHaveLength(1);
  });

  it("keeps a conf with the run only, without its secrets", async () => {
    const store = await aStore();
    const { intake } = anIntake(store);
    const conf = { order: 7, password: "hunter2" };
    const message = JSON.stringify({ event_id: "e", run: { state: "running", conf } });
    await intake.take(sender, [aReport({ conf, message })]);
    const kept = JSON.stringify([
      await store.inbox.reports.list({ run: key, limit: 10 }),
      await store.inbox.waiting.list(Number.MAX_SAFE_INTEGER, 10),
    ]);
    expect(kept).not.toContain("hunter2");
    await intake.applied(place.instance);
    expect((await store.runs.find(key))?.record.heard?.conf).toEqual({ order: 7, password: "***" });
  });

  it("puts aside a report that cannot be applied, and applies those beside it", async () => {
    const store = await aStore();
    const errors: unknown[] = [];
    const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined } as never;
    const { intake } = anIntake(
      {
        ...store,
        runs: {
          ...store.runs,
          observe: (request) =>
            request.observations.some(({ runId }) => runId === "poison")
              ? Promise.reject(new TypeError("never seen before"))
              : store.runs.observe(request),
        },
      },
      Object.assign(logger, { error: (fields: unknown) => void errors.push(fields) }),
    );
    await intake.take(sender, [aReport({ runId: "poison" as never }), aReport()]);
    await intake.applied(place.instance);
    expect((await store.runs.find(key))?.record.state).toBe("running");
    expect(errors).toMatchObject([{ run_id: "poison" }]);
    expect(await store.inbox.waiting.list(Number.MAX_SAFE_INTEGER, 10)).toEqual([]);
  });
});
