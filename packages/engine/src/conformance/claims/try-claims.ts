import assert from "node:assert/strict";
import { type Claim, has } from "../claim.ts";
import { refuses } from "../expectations.ts";
import { FIXTURES } from "../fixtures.ts";
import { addressOf, taskOf } from "../given.ts";

export const tryClaims: readonly Claim[] = [
  {
    title: "a task that succeeded at its second try shows both, oldest first",
    needs: ({ tries }) => tries,
    async run({ engine, given }) {
      const run = await given.shared(FIXTURES.flaky);
      assert.equal(run.state, "success");
      assert.equal((await engine.getTaskInstance(taskOf(run, "a"))).tryNumber, 2);
      const tries = await engine.listTries(taskOf(run, "a"));
      assert.deepEqual(
        tries.map(({ tryNumber }) => tryNumber),
        [1, 2],
      );
      assert.ok(["failed", "up_for_retry"].includes(tries[0]?.state ?? ""), tries[0]?.state);
      assert.equal(tries[1]?.state, "success");
    },
  },
  {
    title: "a cleared task keeps its earlier tries",
    needs: ({ tries }) => tries,
    async run({ engine, given }) {
      const run = await given.finished(FIXTURES.ok);
      await engine.clear({ ...addressOf(run), onlyFailed: false, dryRun: false });
      await given.ended(run);
      const tries = await engine.listTries(taskOf(run, "a"));
      assert.deepEqual(
        tries.map(({ tryNumber, state }) => [tryNumber, state]),
        [
          [1, "success"],
          [2, "success"],
        ],
      );
    },
  },
  {
    title: "a mapped task has tries for each index",
    needs: (capabilities) => capabilities.tries && has("mapping")(capabilities),
    async run({ engine, given }) {
      const run = await given.shared(FIXTURES.mapped);
      const tries = await engine.listTries(taskOf(run, "show", 1));
      assert.deepEqual(
        tries.map(({ mapIndex, tryNumber }) => [mapIndex, tryNumber]),
        [[1, 1]],
      );
    },
  },
  {
    title: "tries of a task that is not there are TASK_UNKNOWN",
    needs: ({ tries }) => tries,
    async run({ engine, given }) {
      const run = await given.shared(FIXTURES.ok);
      await refuses(() => engine.listTries(taskOf(run, "nobody")), "TASK_UNKNOWN");
      await refuses(() => engine.listTries(taskOf({ ...run, runId: given.runId() }, "a")), "TASK_UNKNOWN");
    },
  },
];
