import { type Dag, toDagId, toInstanceId } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import type { Store } from "../src/index.ts";
import { backends, PATIENT, withStore } from "./backends.ts";

const eu = toInstanceId("eu");

const aDag = (dagId: string, changes: Partial<Dag> = {}): Dag => ({
  dagId: toDagId(dagId),
  displayName: dagId,
  description: null,
  isPaused: false,
  isStale: false,
  hasImportErrors: false,
  file: `/dags/${dagId}.py`,
  fileToken: null,
  bundle: null,
  owners: [],
  tags: [],
  schedule: "@daily",
  scheduleDescription: null,
  nextRun: null,
  lastParsedAt: null,
  maxActiveRuns: 16,
  ...changes,
});

const sweep = async (store: Store, dags: readonly Dag[], readAt: number): Promise<void> => {
  const reading = store.dags.sweep(eu, readAt);
  await reading.add(dags, readAt);
  await reading.finish();
};

const told = async (store: Store) => {
  await store.events.sequence(5_000);
  const events = await store.events.list({ after: 0, limit: 5_000 });
  return events.map(({ kind, dagId, payload }) => [kind, dagId, payload]);
};

describe.each(backends)("what a sweep tells of DAGs on $name", PATIENT, (backend) => {
  it("sums up the first reading of an instance in one event", () =>
    withStore(backend, async (store) => {
      const dags = Array.from({ length: 700 }, (_, index) => aDag(`d${index}`));
      await sweep(store, dags, 1_000);
      expect(await told(store)).toEqual([["instance.changed", null, { before: {}, after: { dags_new: 700 } }]]);
    }));

  it("tells new, changed and gone DAGs one by one, with only what changed, and nothing of the others", () =>
    withStore(backend, async (store) => {
      await sweep(store, [aDag("a"), aDag("b"), aDag("c")], 1_000);
      await sweep(store, [aDag("a", { isPaused: true }), aDag("b", { owners: ["me"] }), aDag("new")], 2_000);
      await sweep(store, [aDag("a", { isPaused: true, hasImportErrors: true }), aDag("b"), aDag("new")], 3_000);
      const whole = { is_paused: false, is_stale: false, has_import_errors: false, schedule: "@daily" };
      expect((await told(store)).slice(1)).toEqual([
        ["dag.changed", "a", { change: "changed", before: { is_paused: false }, after: { is_paused: true } }],
        ["dag.changed", "new", { change: "new", before: null, after: whole }],
        ["dag.changed", "c", { change: "gone", before: whole, after: null }],
        [
          "dag.changed",
          "a",
          { change: "changed", before: { has_import_errors: false }, after: { has_import_errors: true } },
        ],
      ]);
    }));

  it("tells a DAG that came back as new, and a pause flipped by an action at once", () =>
    withStore(backend, async (store) => {
      await sweep(store, [aDag("a"), aDag("b")], 1_000);
      await sweep(store, [aDag("a")], 2_000);
      await sweep(store, [aDag("a"), aDag("b")], 3_000);
      await store.dags.observe(eu, [aDag("a", { isPaused: true })], 4_000);
      expect(
        (await told(store)).slice(1).map(([, dagId, payload]) => [dagId, (payload as { change: string }).change]),
      ).toEqual([
        ["b", "gone"],
        ["b", "new"],
        ["a", "changed"],
      ]);
    }));

  it("counts what is more than a listener could take in", () =>
    withStore(backend, async (store) => {
      await sweep(store, [aDag("a")], 1_000);
      await sweep(store, [aDag("a"), ...Array.from({ length: 612 }, (_, index) => aDag(`d${index}`))], 2_000);
      const events = (await told(store)).slice(1);
      expect(events).toHaveLength(501);
      expect(events.at(-1)).toEqual(["instance.changed", null, { before: {}, after: { dags_new: 112 } }]);
    }));
});
