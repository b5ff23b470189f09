import assert from "node:assert/strict";
import type { Claim } from "../claim.ts";
import { refuses } from "../expectations.ts";
import { FIXTURES, manyDag } from "../fixtures.ts";
import { addressOf } from "../given.ts";

export const deleteClaims: readonly Claim[] = [
  {
    title: "a finished run is deleted with its tasks",
    async run({ engine, given }) {
      const run = await given.finished(FIXTURES.ok);
      await engine.deleteRun(run);
      await refuses(() => engine.getRun(run), "RUN_UNKNOWN");
      assert.deepEqual(await engine.listTaskInstances({ runs: [run] }), []);
    },
  },
  {
    title: "deleting a run that has not ended is RUN_ACTIVE, and it stays",
    async run({ engine, given }) {
      const run = await given.run(manyDag(32));
      const error = await refuses(() => engine.deleteRun(run), "RUN_ACTIVE");
      assert.ok(error.message.includes("queued"), error.message);
      assert.equal((await engine.getRun(run)).state, "queued");
      await engine.setRunState({ ...addressOf(run), state: "failed" });
      await engine.deleteRun(run);
      await refuses(() => engine.getRun(run), "RUN_UNKNOWN");
    },
  },
  {
    title: "deleting a run that is not there is RUN_UNKNOWN",
    async run({ engine, given }) {
      await refuses(() => engine.deleteRun({ dagId: FIXTURES.ok, runId: given.runId() }), "RUN_UNKNOWN");
    },
  },
  {
    title: "the id of a deleted run may be used again",
    async run({ engine, given }) {
      const run = await given.run(manyDag(33), { conf: { n: 1 } });
      await engine.setRunState({ ...addressOf(run), state: "failed" });
      await engine.deleteRun(run);
      assert.equal((await engine.trigger({ ...addressOf(run), conf: { n: 2 } })).created, true);
    },
  },
];
