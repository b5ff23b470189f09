import { type Dag, type RunState, toDagId, toInstanceId, toRunId } from "@airfleet/model";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FleetFilter, FleetPage, Store } from "../src/index.ts";
import { backends, PATIENT, withStore } from "./backends.ts";
import { dagOf, EU, US } from "./samples.ts";

interface Cell {
  readonly instance: string;
  readonly dag: Dag;
  readonly state: RunState | null;
}

const INSTANCES = ["eu-1", "us-1", "ap-1"].map(toInstanceId);
const word = fc.constantFrom("orders", "Billing", "münchen", "a/b", "x%y_z", "日報", "z.9");

const cellArbitrary: fc.Arbitrary<Cell> = fc.record({
  instance: fc.constantFrom(...INSTANCES),
  dag: fc
    .record({
      dagId: fc.tuple(word, fc.nat(7)).map(([name, number]) => `${name}${number}`),
      isPaused: fc.boolean(),
      hasImportErrors: fc.boolean(),
      tags: fc.uniqueArray(fc.constantFrom("tier1", "tier2", "Ops"), { maxLength: 3 }),
      description: fc.option(word),
    })
    .map(({ dagId, ...changes }) => dagOf(dagId, changes)),
  state: fc.option(fc.constantFrom<RunState>("running", "failed", "success")),
});

const filterArbitrary: fc.Arbitrary<FleetFilter> = fc.record(
  {
    instances: fc.uniqueArray(fc.constantFrom(...INSTANCES), { minLength: 1 }),
    tags: fc.uniqueArray(fc.constantFrom("tier1", "tier2", "Ops", "none"), { minLength: 1 }),
    paused: fc.boolean(),
    states: fc.uniqueArray(fc.constantFrom<RunState>("running", "failed", "success"), { minLength: 1 }),
    text: fc.constantFrom("ORD", "münch", "MÜNCHEN", "%", "_z", "/", "日", "nothing", "5"),
    hasImportErrors: fc.boolean(),
  },
  { requiredKeys: [] },
);

/** The same filter, said in one line of each. */
const matches = ({ instance, dag, state }: Cell, filter: FleetFilter): boolean => {
  const text = `${dag.dagId}\n${dag.description ?? ""}`.toLowerCase();
  return (
    (filter.instances?.some((id) => id === instance) ?? true) &&
    (filter.tags?.some((tag) => dag.tags.includes(tag)) ?? true) &&
    (filter.paused ?? dag.isPaused) === dag.isPaused &&
    (filter.hasImportErrors ?? dag.hasImportErrors) === dag.hasImportErrors &&
    (filter.states?.some((wanted) => wanted === state) ?? true) &&
    (filter.text === undefined || text.includes(filter.text.toLowerCase()))
  );
};

const byBytes = (left: string, right: string): number => Buffer.compare(Buffer.from(left), Buffer.from(right));

const load = async (store: Store, cells: readonly Cell[]): Promise<void> => {
  for (const instance of INSTANCES) {
    const own = cells.filter((cell) => cell.instance === instance);
    const sweep = store.dags.sweep(instance, 1_000);
    await sweep.add(
      own.map(({ dag }) => dag),
      1_000,
    );
    await sweep.finish();
    const dates = { logicalDate: null, startedAt: null, endedAt: null };
    const runs = own.flatMap(({ dag, state }) =>
      state === null ? [] : [{ dagId: dag.dagId, runId: toRunId("r"), state, ...dates }],
    );
    await store.dags.observeLastRuns(instance, runs, 1_000);
  }
};

/** Every page to the end. */
const walk = async (
  store: Store,
  filter: FleetFilter,
  limit: number,
  between: () => Promise<void> = async () => undefined,
): Promise<FleetPage["items"][number][]> => {
  const items: FleetPage["items"][number][] = [];
  let after: string | undefined;
  do {
    const page = await store.dags.listFleet({ ...filter, limit, ...(after === undefined ? {} : { after }) });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    items.push(...page.items);
    after = page.next ?? undefined;
    await between();
  } while (after !== undefined);
  return items;
};

for (const backend of backends) {
  describe(`fleet list on ${backend.name}`, PATIENT, () => {
    it("shows, over its pages, exactly the cells that meet the filter, once and in order", () =>
      withStore(backend, async (store, place) => {
        const cells = fc.uniqueArray(cellArbitrary, {
          maxLength: 40,
          selector: ({ instance, dag }) => `${instance} ${dag.dagId}`,
        });
        await fc.assert(
          fc.asyncProperty(
            cells,
            fc.array(filterArbitrary, { minLength: 4, maxLength: 4 }),
            fc.integer({ min: 1, max: 9 }),
            async (all, filters, limit) => {
              for (const table of ["dags", "dag_tags", "dag_texts"]) await place.sql(`delete from ${table}`);
              await load(store, all);
              for (const filter of filters) {
                const items = await walk(store, filter, limit);
                const shown = items.flatMap((item) =>
                  item.cells.map(({ instance, dag, lastRun }) => [
                    item.dagId,
                    instance,
                    dag.isPaused,
                    lastRun?.state ?? null,
                  ]),
                );
                const expected = all
                  .filter((cell) => matches(cell, filter))
                  .map(({ instance, dag, state }) => [dag.dagId, instance, dag.isPaused, state] as const)
                  .toSorted((left, right) => byBytes(left[0], right[0]) || byBytes(left[1], right[1]));
                expect(shown).toEqual(expected);
                expect(new Set(items.map(({ dagId }) => dagId)).size).toBe(items.length);
              }
            },
          ),
          { numRuns: 15 },
        );
      }));

    it("never shows a DAG twice, nor misses one that stays, while others come and go", () =>
      withStore(backend, async (store) => {
        const staying = Array.from({ length: 60 }, (_, index) => dagOf(`dag_${String(index).padStart(3, "0")}`));
        await store.dags.observe(EU, staying, 1_000);
        let turn = 0;
        const items = await walk(store, {}, 7, async () => {
          turn += 1;
          const newcomers = Array.from({ length: 5 }, (_, index) =>
            dagOf(`dag_${String((turn * 11 + index * 13) % 60).padStart(3, "0")}_new`),
          );
          await store.dags.observe(US, newcomers, 1_000 + turn);
        });
        const ids = items.map(({ dagId }) => String(dagId));
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids.filter((id) => !id.endsWith("_new"))).toEqual(staying.map(({ dagId }) => dagId));
        expect(turn).toBeGreaterThan(8);
      }));

    it("refuses a cursor of another filter, or one that was made up", () =>
      withStore(backend, async (store) => {
        await store.dags.observe(EU, [dagOf("a"), dagOf("b")], 1_000);
        const { next } = await store.dags.listFleet({ limit: 1 });
        const invalid = expect.objectContaining({ code: "CURSOR_INVALID" });
        await expect(store.dags.listFleet({ limit: 1, paused: true, after: next! })).rejects.toEqual(invalid);
        for (const after of ["", "x", Buffer.from("[1]").toString("base64url"), `${next}x`.slice(3)]) {
          await expect(store.dags.listFleet({ limit: 1, after })).rejects.toEqual(invalid);
        }
        expect((await store.dags.listFleet({ limit: 1, after: next! })).items[0]?.dagId).toBe("b");
      }));

    it("answers one DAG over the fleet with the tags of its cells together", () =>
      withStore(backend, async (store) => {
        await store.dags.observe(EU, [dagOf("orders", { tags: ["b", "a"] })], 1_000);
        await store.dags.observe(US, [dagOf("orders", { tags: ["c", "a"], isPaused: true })], 1_000);
        const row = await store.dags.getFleetDag(toDagId("orders"));
        expect(row?.tags).toEqual(["a", "b", "c"]);
        expect(row?.cells.map(({ instance, dag }) => [instance, dag.isPaused])).toEqual([
          ["eu-1", false],
          ["us-1", true],
        ]);
        expect((await store.dags.getFleetDag(toDagId("orders"), { instances: [US] }))?.cells).toHaveLength(1);
        expect(await store.dags.getFleetDag(toDagId("orders"), { instances: [] })).toBeUndefined();
        expect(await store.dags.getFleetDag(toDagId("none"))).toBeUndefined();
      }));

    it("bounds a search that finds nothing, and still reaches the end", () =>
      withStore(backend, async (store, place) => {
        const generated =
          backend.name === "sqlite"
            ? "(with recursive n(i) as (select 1 union all select i + 1 from n where i < 30000) select i from n)"
            : "(select generate_series(1, 30000) as i)";
        await place.sql(
          `insert into dag_texts select 'dag_' || i, 'eu-1', 'text of dag ' || i from ${generated} as numbers`,
        );
        await store.dags.observe(EU, [dagOf("zebra")], 1_000);
        const page = await store.dags.listFleet({ text: "ZEBRA", limit: 10 });
        expect(page.items).toEqual([]);
        expect(page.next).not.toBeNull();
        expect((await walk(store, { text: "zebra" }, 10)).map(({ dagId }) => dagId)).toEqual(["zebra"]);
      }));
  });
}
