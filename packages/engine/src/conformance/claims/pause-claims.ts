import assert from "node:assert/strict";
import { type Claim, has } from "../claim.ts";
import { manyDag } from "../fixtures.ts";
import { stays } from "../waiting.ts";

export const pauseClaims: readonly Claim[] = [
  {
    title: "pausing and unpausing is read back at once",
    async run({ engine }) {
      const dagId = manyDag(0);
      for (const paused of [false, true, false, true]) {
        await engine.setPaused(dagId, paused);
        assert.equal((await engine.getDag(dagId)).isPaused, paused);
      }
    },
  },
  {
    title: "pausing what is paused is no error",
    async run({ engine }) {
      await engine.setPaused(manyDag(1), true);
      await engine.setPaused(manyDag(1), true);
      assert.equal((await engine.getDag(manyDag(1))).isPaused, true);
    },
  },
  {
    title: "the pause flag of one DAG leaves those with similar ids alone",
    async run({ engine }) {
      await engine.setPaused(manyDag(20), false);
      const others = (await engine.listDags({ dagIdContains: "af_many_02" })).items.filter(
        ({ dagId }) => dagId !== manyDag(20),
      );
      assert.equal(others.length, 9);
      assert.ok(others.every(({ isPaused }) => isPaused));
      await engine.setPaused(manyDag(20), true);
    },
  },
  {
    title: "a paused DAG accepts a run and keeps it queued until it is unpaused",
    needs: has("held_runs"),
    async run({ engine, given, patience }) {
      const dagId = manyDag(2);
      await engine.setPaused(dagId, true);
      const run = await given.run(dagId);
      await stays(
        "it is queued",
        () => engine.getRun(run),
        ({ state, startedAt }) => state === "queued" && startedAt === null,
        {
          pollMs: patience.pollMs,
          forMs: 3_000,
        },
      );
      await engine.setPaused(dagId, false);
      assert.equal((await given.ended(run)).state, "success");
      await engine.setPaused(dagId, true);
    },
  },
];
