import { type Dag, type InstanceId, toDagId, toRunId } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import type { LastRun, Store } from "../src/index.ts";
import { backends, PATIENT, type Place, withStore } from "./backends.ts";
import { dagOf, EU, US } from "./samples.ts";

const sweep = async (store: Store, instance: InstanceId, at: number, dags: readonly Dag[]) => {
  const reading = store.dags.sweep(instance, at);
  const changed = await reading.add(dags, at);
  return { changed, gone: await reading.finish() };
};

const range = (count: number, changes: Partial<Dag> = {}): Dag[] =>
  Array.from({ length: count }, (_, index) => dagOf(`dag_${index}`, changes));

const observed = async (place: Place): Promise<readonly unknown[]> =>
  (await place.sql("select distinct observed_at as at from dags order by 1")).map(({ at }) => Number(at));

for (const backend of backends) {
  describe(`sweeps of DAGs on ${backend.name}`, PATIENT, () => {
    it("gives every field back as it was read", () =>
      withStore(backend, async (store) => {
        const dag = dagOf("orders", {
          displayName: "Orders \u0000 é",
          description: "half a pair \uD83D",
          tags: ["b", "a", "a"],
          owners: ["ada", "bob"],
          nextRun: null,
          schedule: null,
          maxActiveRuns: null,
          bundle: "main",
        });
        await sweep(store, EU, 1_000, [dag]);
        const cell = await store.dags.find(EU, dag.dagId);
        const shown = { ...dag, displayName: "Orders \uFFFD é", description: "half a pair \uFFFD" };
        expect(cell).toEqual({ instance: EU, dag: shown, lastRun: null, observedAt: 1_000 });
        expect(await sweep(store, EU, 2_000, [dag])).toEqual({ changed: [], gone: [] });
      }));

    it("writes only what changed", () =>
      withStore(backend, async (store, place) => {
        expect((await sweep(store, EU, 1_000, range(450))).changed).toHaveLength(450);
        const next = range(450).map((dag, index) => (index === 7 ? { ...dag, isPaused: true } : dag));
        expect((await sweep(store, EU, 2_000, next)).changed).toEqual(["dag_7"]);
        expect(await observed(place)).toEqual([1_000, 2_000]);
      }));

    it("writes a later parse alone at most every ten minutes", () =>
      withStore(backend, async (store) => {
        await sweep(store, EU, 1_000, [dagOf("a", { lastParsedAt: "2026-11-21T09:00:00Z" })]);
        expect((await sweep(store, EU, 2_000, [dagOf("a", { lastParsedAt: "2026-11-21T09:09:59Z" })])).changed).toEqual(
          [],
        );
        expect((await sweep(store, EU, 3_000, [dagOf("a", { lastParsedAt: "2026-11-21T09:10:00Z" })])).changed).toEqual(
          ["a"],
        );
      }));

    it("marks what a whole sweep did not see as gone, on that instance only, and takes it back when it returns", () =>
      withStore(backend, async (store) => {
        await sweep(store, EU, 1_000, range(3, { tags: ["t"] }));
        await sweep(store, US, 1_000, range(3));
        expect((await sweep(store, EU, 2_000, range(2, { tags: ["t"] }))).gone).toEqual(["dag_2"]);
        expect(await store.dags.find(EU, toDagId("dag_2"))).toBeUndefined();
        expect((await store.dags.getFleetDag(toDagId("dag_2")))?.cells.map(({ instance }) => instance)).toEqual([US]);
        expect((await store.dags.listFleet({ limit: 9, tags: ["t"] })).items).toHaveLength(2);
        expect((await sweep(store, EU, 3_000, range(3, { tags: ["t"] }))).changed).toEqual(["dag_2"]);
        expect((await store.dags.listFleet({ limit: 9, tags: ["t"] })).items).toHaveLength(3);
      }));

    it("takes nothing away when it is not finished", () =>
      withStore(backend, async (store) => {
        await sweep(store, EU, 1_000, range(3));
        await store.dags.sweep(EU, 2_000).add(range(1), 2_000);
        expect((await store.dags.listFleet({ limit: 9 })).items).toHaveLength(3);
      }));

    it("does not undo what was read after the sweep had begun", () =>
      withStore(backend, async (store) => {
        await sweep(store, EU, 1_000, range(2));
        const slow = store.dags.sweep(EU, 2_000);
        await store.dags.observe(EU, [dagOf("dag_0", { isPaused: true }), dagOf("newcomer")], 2_500);
        expect(await slow.add(range(2), 2_000)).toEqual([]);
        expect(await slow.finish()).toEqual([]);
        expect((await store.dags.find(EU, toDagId("dag_0")))?.dag.isPaused).toBe(true);
        expect(await store.dags.find(EU, toDagId("newcomer"))).toBeDefined();
      }));

    it("takes a DAG that moved between two pages once", () =>
      withStore(backend, async (store) => {
        const twice = [dagOf("a"), dagOf("b"), dagOf("a", { isPaused: true })];
        expect((await sweep(store, EU, 1_000, twice)).changed).toEqual(["a", "b"]);
        expect((await store.dags.find(EU, toDagId("a")))?.dag.isPaused).toBe(true);
      }));

    it("notes the last run of a DAG when it differs, and no older reading of it", () =>
      withStore(backend, async (store) => {
        await sweep(store, EU, 1_000, range(2));
        const run: LastRun = {
          runId: toRunId("r-1"),
          state: "running",
          logicalDate: null,
          startedAt: "2026-11-21T10:00:00Z",
          endedAt: null,
        };
        const note = (state: LastRun["state"], readAt: number) =>
          store.dags.observeLastRuns(
            EU,
            [
              { ...run, state, dagId: toDagId("dag_0") },
              { ...run, dagId: toDagId("unknown") },
            ],
            readAt,
          );
        expect(await note("running", 2_000)).toEqual(["dag_0"]);
        expect(await note("running", 3_000)).toEqual([]);
        expect(await note("success", 4_000)).toEqual(["dag_0"]);
        expect(await note("running", 3_500)).toEqual([]);
        expect((await store.dags.find(EU, toDagId("dag_0")))?.lastRun).toEqual({ ...run, state: "success" });
        await sweep(store, EU, 5_000, range(2, { isPaused: true }));
        expect((await store.dags.find(EU, toDagId("dag_0")))?.lastRun?.state).toBe("success");
      }));

    it("forgets gone DAGs after their time, and all of an instance on request", () =>
      withStore(backend, async (store, place) => {
        await sweep(store, EU, 1_000, range(5, { tags: ["t"] }));
        await sweep(store, US, 1_000, range(2));
        await sweep(store, EU, 2_000, range(3, { tags: ["t"] }));
        expect([await store.dags.forgetGone(2_000), await store.dags.forgetGone(2_001)]).toEqual([0, 2]);
        expect([
          await store.dags.forgetInstance(EU, 2),
          await store.dags.forgetInstance(EU, 2),
          await store.dags.forgetInstance(EU, 2),
        ]).toEqual([2, 1, 0]);
        const counts: number[] = [];
        for (const table of ["dags", "dag_tags", "dag_texts"])
          counts.push((await place.sql(`select * from ${table}`)).length);
        expect(counts).toEqual([2, 0, 2]);
      }));

    it("keeps import errors as last read, and says whether they changed", () =>
      withStore(backend, async (store) => {
        const error = {
          id: "1",
          file: "/dags/a.py",
          bundle: null,
          stackTrace: "Traceback",
          at: "2026-11-21T10:00:00Z",
        };
        const other = { ...error, id: "2", file: "/dags/b.py" };
        expect(await store.importErrors.replace(EU, [error, other], 1_000)).toBe(true);
        expect(await store.importErrors.replace(EU, [other, error], 2_000)).toBe(false);
        expect(await store.importErrors.replace(EU, [{ ...error, stackTrace: "other" }], 3_000)).toBe(true);
        await store.importErrors.replace(US, [error], 3_000);
        expect(await store.importErrors.list([EU])).toEqual([
          { ...error, stackTrace: "other", instance: EU, observedAt: 3_000 },
        ]);
        expect(await store.importErrors.list()).toHaveLength(2);
        expect(await store.importErrors.list([])).toEqual([]);
      }));
  });
}
