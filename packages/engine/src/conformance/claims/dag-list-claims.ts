import assert from "node:assert/strict";
import { toDagId } from "@airfleet/model";
import { type Claim, has } from "../claim.ts";
import { allPages } from "../expectations.ts";
import { FIXTURES, MANY_DAGS, manyDag } from "../fixtures.ts";

const takesOddIds = has("free_ids");

export const dagListClaims: readonly Claim[] = [
  {
    title: "all pages of DAGs together show each DAG once, in order of id",
    async run({ engine, capabilities }) {
      const dags = await allPages((after) => engine.listDags(after === undefined ? {} : { after }));
      const ids = dags.map(({ dagId }) => dagId);
      assert.equal(new Set(ids).size, ids.length, "a DAG came twice");
      assert.deepEqual(
        ids,
        ids.toSorted((left, right) => (left < right ? -1 : 1)),
      );
      for (const id of Object.values(FIXTURES))
        assert.ok(ids.includes(id) || (id === FIXTURES.oddId && !takesOddIds(capabilities)), `${id} is missing`);
      for (let number = 0; number < MANY_DAGS; number += 1)
        assert.ok(ids.includes(manyDag(number)), `${number} is missing`);
    },
  },
  {
    title: "small pages show the same DAGs as large ones",
    async run({ engine }) {
      const query = { tags: ["many"] };
      const large = await allPages((after) => engine.listDags({ ...query, ...(after === undefined ? {} : { after }) }));
      const small = await allPages((after) =>
        engine.listDags({ ...query, limit: 50, ...(after === undefined ? {} : { after }) }),
      );
      assert.equal(large.length, MANY_DAGS);
      assert.deepEqual(
        small.map(({ dagId }) => dagId),
        large.map(({ dagId }) => dagId),
      );
    },
  },
  {
    title: "a page has no more rows than asked for, and says that there are more",
    async run({ engine, capabilities }) {
      const page = await engine.listDags({ limit: 7 });
      assert.equal(page.items.length, 7);
      assert.notEqual(page.next, null);
      const largest = await engine.listDags({ limit: 1_000 });
      assert.ok(largest.items.length <= capabilities.pageLimit);
    },
  },
  {
    title: "tags pick the DAGs that have any of them",
    async run({ engine }) {
      const { items } = await engine.listDags({ tags: ["team:x"] });
      assert.deepEqual(
        items.map(({ dagId }) => dagId),
        [FIXTURES.ok],
      );
      assert.deepEqual([...(items[0]?.tags ?? [])].sort(), ["conformance", "team:x"]);
      const either = await allPages((after) =>
        engine.listDags({ tags: ["team:x", "many"], ...(after === undefined ? {} : { after }) }),
      );
      assert.equal(either.length, MANY_DAGS + 1);
    },
  },
  {
    title: "a tag that no DAG has gives an empty list",
    async run({ engine }) {
      const page = await engine.listDags({ tags: ["no-such-tag"] });
      assert.deepEqual(page.items, []);
      assert.equal(page.next, null);
    },
  },
  {
    title: "the list can be asked for paused DAGs, or for the others",
    async run({ engine }) {
      const tags = ["conformance"];
      const paused = (await engine.listDags({ tags, paused: true })).items.map(({ dagId }) => dagId);
      const active = (await engine.listDags({ tags, paused: false })).items.map(({ dagId }) => dagId);
      assert.ok(paused.includes(FIXTURES.paused) && !paused.includes(FIXTURES.ok), paused.join());
      assert.ok(active.includes(FIXTURES.ok) && !active.includes(FIXTURES.paused), active.join());
    },
  },
  {
    title: "a text filter takes underscores and percent signs literally",
    async run({ engine, capabilities }) {
      const find = async (text: string) =>
        (
          await allPages((after) => engine.listDags({ dagIdContains: text, ...(after === undefined ? {} : { after }) }))
        ).map(({ dagId }) => dagId);
      assert.deepEqual(await find("dag_with.odd"), takesOddIds(capabilities) ? [FIXTURES.oddId] : []);
      assert.deepEqual(
        await find("af_many_11"),
        Array.from({ length: 10 }, (_, digit) => manyDag(110 + digit)),
      );
      assert.deepEqual(await find("af%ok"), []);
      assert.deepEqual(await find("af_many_1_"), []);
    },
  },
  {
    title: "a listed DAG is the same as the DAG read alone",
    async run({ engine }) {
      const { items } = await engine.listDags({ dagIdContains: "af_chain" });
      const { lastParsedAt: _, nextRun: _next, ...listed } = items[0] ?? assert.fail("not listed");
      const { lastParsedAt: __, nextRun: _then, ...alone } = await engine.getDag(toDagId("af_chain"));
      // The file may be parsed between the two reads; its token is signed anew each time.
      assert.deepEqual({ ...listed, fileToken: null }, { ...alone, fileToken: null });
    },
  },
];
