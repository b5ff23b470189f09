import assert from "node:assert/strict";
import { toRunId } from "@airfleet/model";
import type { Claim } from "../claim.ts";
import { allPages, present, refuses } from "../expectations.ts";
import { FIXTURES, manyDag } from "../fixtures.ts";
import { taskOf } from "../given.ts";

export const runClaims: readonly Claim[] = [
  {
    title: "a finished run has begun and ended in that order",
    async run({ given }) {
      const run = await given.shared(FIXTURES.ok);
      assert.equal(run.state, "success");
      assert.equal(run.engineState.toLowerCase(), "success");
      const started = Date.parse(present(run.startedAt, "startedAt"));
      // Airflow 2 does not tell when a run was queued.
      assert.ok(run.queuedAt === null || Date.parse(run.queuedAt) <= started);
      assert.ok(started <= Date.parse(present(run.endedAt, "endedAt")));
    },
  },
  {
    title: "a run with a failed leaf has failed",
    async run({ given }) {
      assert.equal((await given.shared(FIXTURES.logs)).state, "failed");
    },
  },
  {
    title: "who asked for a run is told",
    needs: ({ namesTriggeringUser }) => namesTriggeringUser,
    async run({ given }) {
      assert.notEqual((await given.shared(FIXTURES.ok)).triggeredBy, null);
    },
  },
  {
    title: "a run that is not there is RUN_UNKNOWN, also under another DAG's id",
    async run({ engine, given }) {
      const error = await refuses(() => engine.getRun({ dagId: FIXTURES.ok, runId: given.runId() }), "RUN_UNKNOWN");
      assert.ok(error.message.includes(FIXTURES.ok), error.message);
      const { runId } = await given.shared(FIXTURES.ok);
      await refuses(() => engine.getRun({ dagId: FIXTURES.chain, runId }), "RUN_UNKNOWN");
      await refuses(() => engine.getRun({ dagId: given.dagId(), runId }), "RUN_UNKNOWN");
    },
  },
  {
    title: "the runs of a DAG come newest first, each once over all pages",
    async run({ engine, given }) {
      const dagId = manyDag(7);
      const asked: string[] = [];
      for (let number = 0; number < 5; number += 1) asked.unshift((await given.run(dagId)).runId);
      const runs = await allPages((after) =>
        engine.listRuns({ dagId, limit: 2, ...(after === undefined ? {} : { after }) }),
      );
      assert.deepEqual(
        runs.map(({ runId }) => runId).filter((runId) => asked.includes(runId)),
        asked,
      );
      assert.equal(new Set(runs.map(({ runId }) => runId)).size, runs.length);
      assert.ok(runs.every((run) => run.dagId === dagId));
    },
  },
  {
    title: "a listed run is the same as the run read alone",
    async run({ engine, given }) {
      const run = await given.shared(FIXTURES.chain);
      const { items } = await engine.listRuns({ dagId: FIXTURES.chain });
      assert.deepEqual(
        items.find(({ runId }) => runId === run.runId),
        await engine.getRun(run),
      );
    },
  },
  {
    title: "runs can be listed by state",
    async run({ engine, given }) {
      const failed = await given.shared(FIXTURES.logs);
      const succeeded = await given.shared(FIXTURES.ok);
      const { items } = await engine.listRuns({ dagId: FIXTURES.logs, states: ["failed"] });
      assert.ok(items.some(({ runId }) => runId === failed.runId));
      const others = await engine.listRuns({ dagId: FIXTURES.ok, states: ["failed", "queued"] });
      assert.ok(!others.items.some(({ runId }) => runId === succeeded.runId));
    },
  },
  {
    title: "no engine has a run that is lost: asked for those, the list is empty",
    async run({ engine, given }) {
      await given.shared(FIXTURES.ok);
      const page = await engine.listRuns({ dagId: FIXTURES.ok, states: ["lost"] });
      assert.deepEqual(page.items, []);
      assert.equal(page.next, null);
    },
  },
  {
    title: "without a DAG the list has the runs of all of them",
    async run({ engine, given }) {
      const runs = await Promise.all([given.run(manyDag(8)), given.run(FIXTURES.paused), given.run(manyDag(9))]);
      const ids = new Set<string>();
      // Other claims start runs meanwhile; three pages are more than they fill.
      let after: string | null = null;
      for (let page = 0; page < 3; page += 1) {
        const { items, next } = await engine.listRuns(after === null ? {} : { after });
        for (const { runId } of items) ids.add(runId);
        after = next;
        if (after === null) break;
      }
      for (const { runId } of runs) assert.ok(ids.has(runId), `${runId} is missing`);
    },
  },
  {
    title: "a DAG without runs has an empty list of them",
    async run({ engine }) {
      const page = await engine.listRuns({ dagId: manyDag(10) });
      assert.deepEqual(page.items, []);
      assert.equal(page.next, null);
    },
  },
  {
    title: "ids of runs and tasks with slashes, dots or marks never reach another run, task or path",
    async run({ engine, given }) {
      const run = await given.shared(FIXTURES.chain);
      const hostile = [
        `${run.runId}/taskInstances`,
        `x/../${run.runId}`,
        `${run.runId}?x=1`,
        `${run.runId}#`,
        "~",
        "..",
      ];
      const codes = ["RUN_UNKNOWN", "TASK_UNKNOWN", "ADDRESS_INVALID"] as const;
      for (const id of hostile) {
        const other = { dagId: run.dagId, runId: toRunId(id) };
        await refuses(() => engine.getRun(other), ...codes);
        await refuses(() => engine.deleteRun(other), ...codes);
        await refuses(() => engine.setRunState({ ...other, state: "failed" }), ...codes);
        await refuses(() => engine.getTaskInstance(taskOf(other, "a")), ...codes);
        await refuses(() => engine.getTaskInstance(taskOf(run, id)), ...codes);
      }
      assert.equal((await engine.getRun(run)).state, "success");
    },
  },
];
