import { describe, expect, test } from "vitest";
import { backends, PATIENT, type Place, type TestBackend, withStore } from "../../../store/test/backends.ts";
import { createControl, type Metrics, noMetrics } from "../../src/index.ts";
import { actor, eventually } from "../fleet-fixture.ts";
import type { Store } from "@airfleet/store";
import { RetentionPolicy, toInstanceId, toRunId, toDagId } from "@airfleet/model";
import { runKeyOf } from "@airfleet/store";
import { DAY_MS, type GivenRun, putRuns } from "./stored-runs.ts";

const aid = (id: string) => ({ type: "finding-aid", id });

const aRun = (runId: string, daysAgo: number, given: Partial<GivenRun> = {}): GivenRun => ({
  instance: "cinco",
  dagId: "index_finding_aid",
  runId,
  state: "success",
  daysAgo,
  subjects: [aid("1")],
  ...given,
});

const KEEP = RetentionPolicy.parse({
  scope: { subject_type: "finding-aid" },
  rule: { keep: "latest_success_and_newest" },
});

const withControl = async (
  backend: TestBackend,
  work: (world: {
    readonly store: Store;
    readonly control: Awaited<ReturnType<typeof createControl>>;
    readonly forgotten: () => number;
    /** What a sweep under way said to have removed whenever it was about to remove more. */
    readonly progress: readonly number[];
    readonly runIds: () => Promise<readonly string[]>;
    readonly sql: Place["sql"];
  }) => Promise<void>,
): Promise<void> =>
  withStore(backend, async (store, place) => {
    let forgotten = 0;
    const metrics: Metrics = {
      ...noMetrics,
      forgot: ({ count }) => {
        forgotten += count;
      },
    };
    const progress: number[] = [];
    // Between two batches: a look from outside may come when the sweep is over.
    const remove: Store["retention"]["remove"] = async (...asked) => {
      progress.push((await control.retention.runningSweep())?.removed ?? 0);
      return store.retention.remove(...asked);
    };
    const control = await createControl({
      store: { ...store, retention: { ...store.retention, remove } },
      metrics,
      createEngine: () => {
        throw new Error("retention calls no instance");
      },
      loadInstances: async () => [],
      resolveSecrets: () => {
        throw new Error("no instance, no secrets");
      },
      settings: { poll: false },
      random: () => 0,
    });
    try {
      const runIds = async () =>
        (await store.runs.list({ limit: 1_000 })).items.map(({ record }) => record.runId).sort();
      await work({
        store,
        control,
        forgotten: () => forgotten,
        progress,
        runIds,
        sql: (statement) => place.sql(statement),
      });
    } finally {
      await control.close({ drainMs: 1_000 });
    }
  });

describe.each(backends)("the retention sweep in $name", PATIENT, (backend) => {
  test("drops in batches what nobody needs, counts and audits it, and leaves the rest", () =>
    withControl(backend, async ({ store, control, forgotten, progress, runIds }) => {
      const many = Array.from({ length: 620 }, (_, n) => aRun(`old-${n}`, 30 + (n % 40)));
      await putRuns(store, [
        ...many,
        aRun("bulk", 90, { subjects: [aid("1"), aid("2")] }),
        aRun("last-success", 5),
        aRun("newest", 1, { state: "failed" }),
        aRun("alone", 90, { subjects: [] }),
      ]);
      await control.retention.create(actor, "finding-aids", KEEP);
      const preview = await control.retention.preview({ maxRuns: 10_000, samples: 3 });
      expect(preview).toMatchObject({
        lookedAt: 624,
        isPartial: false,
        wouldGo: 620,
        byPolicy: { "finding-aids": 620 },
        samples: [{ reasons: [{ policy: "finding-aids", subject: aid("1") }] }, {}, {}],
      });
      expect(await runIds()).toHaveLength(624);
      control.startReconcilers();
      expect(await control.retention.runningSweep()).toBeNull();
      await control.retention.sweepNow(actor);
      await eventually(async () => (await control.retention.lastSweep())?.removed === 620);
      expect(await control.retention.runningSweep()).toBeNull();
      expect(progress).toEqual([0, expect.any(Number)]);
      expect(progress[1]).toBeGreaterThan(0);
      expect(await runIds()).toEqual(["alone", "bulk", "last-success", "newest"]);
      expect(forgotten()).toBe(620);
      await store.audit.sequence(1_000);
      const { items } = await control.audit.list({ limit: 100, verbs: ["retention:sweep"] });
      const counted = items.map(({ details }) => Number(details["removed"]));
      expect(counted.length).toBeGreaterThan(1);
      expect(counted.reduce((sum, one) => sum + one, 0)).toBe(620);
      expect(items[0]).toMatchObject({ actor: "system", details: { policy: "finding-aids" } });
      const subject = await control.subjects.get(aid("1"));
      expect(subject.counts).toMatchObject({ total: 3 });
    }));

  test("does not bring back what it dropped when it is read again", () =>
    withControl(backend, async ({ store, control, runIds }) => {
      await putRuns(store, [aRun("old", 30), aRun("new", 1)]);
      await control.retention.create(actor, "finding-aids", KEEP);
      control.startReconcilers();
      await control.retention.sweepNow(actor);
      await eventually(async () => (await runIds()).length === 1);
      await putRuns(store, [aRun("old", 30)]);
      expect(await runIds()).toEqual(["new"]);
      const place = { dagId: toDagId("index_finding_aid"), runId: toRunId("old") };
      expect(await store.runs.find(runKeyOf({ instance: toInstanceId("cinco"), ...place }))).toBeUndefined();
    }));

  test("remembers each dropped run for 90 days, and then the last of its DAG only", () =>
    withControl(backend, async ({ store, control, runIds, sql }) => {
      await putRuns(store, [aRun("old", 30), aRun("older", 31), aRun("new", 1)]);
      await control.retention.create(actor, "finding-aids", KEEP);
      control.startReconcilers();
      const sweep = async (): Promise<void> => {
        const before = (await control.retention.lastSweep())?.startedAt ?? 0;
        await control.retention.sweepNow(actor);
        await eventually(async () => ((await control.retention.lastSweep())?.startedAt ?? 0) > before);
      };
      await sweep();
      const place = { dagId: toDagId("index_finding_aid"), runId: toRunId("old") };
      const isRemembered = () => store.runs.wasRemoved(toInstanceId("cinco"), place);
      expect(await isRemembered()).toBe(true);
      await sql(`update removed_runs set removed_at = ${Date.now() - 89 * DAY_MS}`);
      await sweep();
      expect(await isRemembered()).toBe(true);
      await sql(`update removed_runs set removed_at = ${Date.now() - 91 * DAY_MS}`);
      await sweep();
      expect(await isRemembered()).toBe(false);
      await putRuns(store, [aRun("old", 30), aRun("older", 31)]);
      expect(await runIds()).toEqual(["new"]);
    }));

  test("drops nothing without a policy, with one that is off, or while one cannot be read", () =>
    withControl(backend, async ({ store, control, runIds }) => {
      await putRuns(store, [aRun("old", 30), aRun("new", 1)]);
      control.startReconcilers();
      const sweep = async (): Promise<void> => {
        const before = (await control.retention.lastSweep())?.startedAt ?? 0;
        await control.retention.sweepNow(actor);
        await eventually(async () => ((await control.retention.lastSweep())?.startedAt ?? 0) > before);
      };
      await sweep();
      await control.retention.create(actor, "finding-aids", { ...KEEP, enabled: false });
      await sweep();
      await store.documents.create(
        { kind: "retention_policy", id: "from-the-future", body: { rule: { keep: "what-matters" } } },
        { actor: "local" },
      );
      await control.retention.update(actor, "finding-aids", { policy: KEEP, version: 1 });
      await sweep();
      expect(await runIds()).toEqual(["new", "old"]);
      await control.retention.remove(actor, "from-the-future", 1);
      await control.retention.sweepNow(actor);
      await eventually(async () => (await runIds()).length === 1);
    }));
});
