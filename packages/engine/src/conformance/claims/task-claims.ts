import assert from "node:assert/strict";
import { toTaskId } from "@airfleet/model";
import { type Claim, has } from "../claim.ts";
import { present, refuses } from "../expectations.ts";
import { FIXTURES, manyDag } from "../fixtures.ts";
import { addressOf, taskOf } from "../given.ts";

export const taskClaims: readonly Claim[] = [
  {
    title: "the tasks of a run come in order with their states",
    async run({ engine, given }) {
      const run = await given.shared(FIXTURES.chain);
      const tasks = await engine.listTaskInstances({ runs: [run] });
      assert.deepEqual(
        tasks.map(({ taskId, mapIndex, state }) => [taskId, mapIndex, state]),
        [
          ["a", -1, "success"],
          ["group.b", -1, "success"],
          ["group.c", -1, "success"],
        ],
      );
    },
  },
  {
    title: "a task that ran has operator, pool, try, times and duration",
    needs: has("trigger_rules"),
    async run({ engine, given }) {
      const run = await given.shared(FIXTURES.ok);
      const task = await engine.getTaskInstance(taskOf(run, "a"));
      assert.equal(task.operator, "BashOperator");
      assert.equal(task.pool, "default_pool");
      assert.equal(task.tryNumber, 1);
      assert.equal(task.engineState, "success");
      assert.ok(Date.parse(present(task.startedAt, "startedAt")) <= Date.parse(present(task.endedAt, "endedAt")));
      assert.ok(present(task.durationSeconds, "durationSeconds") >= 0);
    },
  },
  {
    title: "a listed task is the same as the task read alone",
    async run({ engine, given }) {
      const run = await given.shared(FIXTURES.branch);
      for (const task of await engine.listTaskInstances({ runs: [run] }))
        assert.deepEqual(await engine.getTaskInstance(task), task);
    },
  },
  {
    title: "the way not taken is skipped",
    async run({ engine, given }) {
      const run = await given.shared(FIXTURES.branch);
      const tasks = await engine.listTaskInstances({ runs: [run] });
      assert.deepEqual(Object.fromEntries(tasks.map(({ taskId, state }) => [taskId, state])), {
        choose: "success",
        join: "success",
        left: "success",
        right: "skipped",
      });
    },
  },
  {
    title: "what a failure kept from running is upstream_failed and has no try",
    async run({ engine, given }) {
      const run = await given.shared(FIXTURES.fail);
      const tasks = await engine.listTaskInstances({ runs: [run] });
      assert.deepEqual(
        tasks.map(({ taskId, state, tryNumber }) => [taskId, state, tryNumber]),
        [
          ["a", "failed", 1],
          ["b", "upstream_failed", 0],
          ["c", "success", 1],
        ],
      );
    },
  },
  {
    title: "mapped tasks come one by one, in order of their index",
    needs: has("mapping"),
    async run({ engine, given }) {
      const run = await given.shared(FIXTURES.mapped);
      const tasks = await engine.listTaskInstances({ runs: [run] });
      assert.deepEqual(
        tasks.map(({ taskId, mapIndex, state }) => [taskId, mapIndex, state]),
        [
          ["show", 0, "success"],
          ["show", 1, "success"],
          ["show", 2, "success"],
        ],
      );
      assert.equal((await engine.getTaskInstance(taskOf(run, "show", 2))).mapIndex, 2);
    },
  },
  {
    title: "a mapped task without an index, or with one too high, is TASK_UNKNOWN",
    needs: has("mapping"),
    async run({ engine, given }) {
      const run = await given.shared(FIXTURES.mapped);
      await refuses(() => engine.getTaskInstance(taskOf(run, "show")), "TASK_UNKNOWN");
      await refuses(() => engine.getTaskInstance(taskOf(run, "show", 9)), "TASK_UNKNOWN");
    },
  },
  {
    title: "a task, or its run, that is not there is TASK_UNKNOWN",
    async run({ engine, given }) {
      const run = await given.shared(FIXTURES.ok);
      const error = await refuses(() => engine.getTaskInstance(taskOf(run, "nobody")), "TASK_UNKNOWN");
      assert.ok(error.message.includes("nobody"), error.message);
      await refuses(() => engine.getTaskInstance(taskOf({ ...run, runId: given.runId() }, "a")), "TASK_UNKNOWN");
      await refuses(
        () => engine.getTaskInstance({ ...addressOf(run), taskId: toTaskId("../a"), mapIndex: -1 }),
        "TASK_UNKNOWN",
        "ADDRESS_INVALID",
      );
    },
  },
  {
    title: "one call gives the tasks of runs of several DAGs, and of no other run",
    async run({ engine, given, capabilities }) {
      const third = has("mapping")(capabilities) ? FIXTURES.mapped : FIXTURES.fail;
      const shared = await Promise.all([FIXTURES.ok, FIXTURES.chain, third].map((dagId) => given.shared(dagId)));
      // The same id under another DAG, which nobody asks for.
      const twin = await given.run(manyDag(14), { runId: present(shared[0], "run").runId });
      const tasks = await engine.listTaskInstances({ runs: shared });
      assert.equal(tasks.length, 1 + 3 + 3);
      assert.ok(tasks.every(({ dagId }) => dagId !== twin.dagId));
      const ids = tasks.map(({ dagId, taskId, mapIndex }) => `${dagId} ${taskId} ${mapIndex}`);
      assert.equal(new Set(ids).size, ids.length);
    },
  },
  {
    title: "runs that are gone contribute nothing, and no runs give no tasks",
    async run({ engine, given }) {
      const run = await given.shared(FIXTURES.ok);
      const tasks = await engine.listTaskInstances({
        runs: [{ dagId: FIXTURES.ok, runId: given.runId() }, run, { dagId: given.dagId(), runId: given.runId() }],
      });
      assert.deepEqual(
        tasks.map(({ runId }) => runId),
        [run.runId],
      );
      assert.deepEqual(await engine.listTaskInstances({ runs: [] }), []);
    },
  },
  {
    title: "the tasks of more runs than fit one request come in one answer",
    async run({ engine, given }) {
      // Runs of this DAG wait for ever, and other claims have made most of them.
      const runs = (await engine.listRuns({ dagId: FIXTURES.paused, limit: 100 })).items.map(addressOf);
      while (runs.length < 104) {
        runs.push(...(await Promise.all([1, 2, 3, 4].map(() => given.run(FIXTURES.paused)))).map(addressOf));
      }
      const tasks = await engine.listTaskInstances({ runs });
      assert.deepEqual(new Set(tasks.map(({ runId }) => runId)), new Set(runs.map(({ runId }) => runId)));
      assert.equal(tasks.length, runs.length);
    },
  },
  {
    title: "the tasks of a run that waits have no state and no try",
    async run({ engine, given }) {
      const run = await given.run(FIXTURES.paused);
      const tasks = await engine.listTaskInstances({ runs: [run] });
      assert.deepEqual(
        tasks.map(({ taskId, state, tryNumber, startedAt }) => [taskId, state, tryNumber, startedAt]),
        [["a", "none", 0, null]],
      );
    },
  },
];
