import assert from "node:assert/strict";
import { isTerminalTaskState } from "@airfleet/model";
import { type Claim, has } from "../claim.ts";
import { refuses } from "../expectations.ts";
import { FIXTURES, manyDag } from "../fixtures.ts";
import { addressOf, isStopped, taskOf } from "../given.ts";
import { eventually, stays } from "../waiting.ts";

export const stateClaims: readonly Claim[] = [
  {
    title: "stopping a run ends it, read back, and leaves no task running",
    async run({ engine, given, patience }) {
      const run = await given.run(FIXTURES.sleep);
      await given.running(taskOf(run, "a"));
      const stopped = await engine.setRunState({ ...addressOf(run), state: "failed" });
      assert.ok(isStopped(engine, stopped), stopped.state);
      assert.ok(isStopped(engine, await engine.getRun(run)));
      const tasks = await eventually(
        "every task has ended",
        () => engine.listTaskInstances({ runs: [run] }),
        (all) => all.every(({ state }) => isTerminalTaskState(state)),
        patience,
      );
      assert.deepEqual(
        tasks.map(({ taskId, state }) => [taskId, state]),
        [
          ["a", "failed"],
          ["b", "skipped"],
          ["c", "skipped"],
        ],
      );
    },
  },
  {
    title: "a stopped task is not tried again, though retries are left",
    async run({ engine, given, patience }) {
      const run = await given.run(FIXTURES.retries);
      await given.running(taskOf(run, "a"));
      await engine.setRunState({ ...addressOf(run), state: "failed" });
      await stays(
        "it has failed",
        () => engine.getTaskInstance(taskOf(run, "a")),
        ({ state }) => state === "failed",
        {
          pollMs: patience.pollMs,
          forMs: 4_000,
        },
      );
      assert.ok(isStopped(engine, await engine.getRun(run)));
    },
  },
  {
    title: "a run that never started can be stopped",
    async run({ engine, given }) {
      const run = await given.run(manyDag(30));
      const stopped = await engine.setRunState({ ...addressOf(run), state: "failed" });
      assert.ok(isStopped(engine, stopped), stopped.state);
      const tasks = await engine.listTaskInstances({ runs: [run] });
      assert.ok(tasks.every(({ state }) => state !== "running"));
    },
  },
  {
    title: "a run can be marked a success",
    needs: has("marking"),
    async run({ engine, given }) {
      const run = await given.run(manyDag(31));
      assert.equal((await engine.setRunState({ ...addressOf(run), state: "success" })).state, "success");
    },
  },
  {
    title: "a finished run can be marked otherwise",
    needs: has("marking"),
    async run({ engine, given }) {
      const run = await given.finished(FIXTURES.ok);
      assert.equal(run.state, "success");
      assert.equal((await engine.setRunState({ ...addressOf(run), state: "failed" })).state, "failed");
    },
  },
  {
    title: "marking a run that is not there is RUN_UNKNOWN",
    async run({ engine, given }) {
      await refuses(
        () => engine.setRunState({ dagId: FIXTURES.ok, runId: given.runId(), state: "failed" }),
        "RUN_UNKNOWN",
      );
    },
  },
  {
    title: "a task can be given a state, which is read back",
    needs: has("marking"),
    async run({ engine, given, patience }) {
      const run = await given.finished(FIXTURES.fail);
      const task = taskOf(run, "a");
      await engine.setTaskState({ ...task, state: "success", dryRun: false });
      await eventually(
        "it is a success",
        () => engine.getTaskInstance(task),
        ({ state }) => state === "success",
        patience,
      );
      await given.ended(run);
    },
  },
  {
    title: "a dry run of a task's state changes nothing",
    needs: has("marking"),
    async run({ engine, given }) {
      const run = await given.shared(FIXTURES.fail);
      await engine.setTaskState({ ...taskOf(run, "a"), state: "success", dryRun: true });
      assert.equal((await engine.getTaskInstance(taskOf(run, "a"))).state, "failed");
      assert.equal((await engine.getRun(run)).state, "failed");
    },
  },
  {
    title: "one index of a mapped task is marked, and the others are not",
    needs: has("marking", "mapping"),
    async run({ engine, given, patience }) {
      const run = await given.finished(FIXTURES.mapped);
      await engine.setTaskState({ ...taskOf(run, "show", 1), state: "failed", dryRun: false });
      const tasks = await eventually(
        "index 1 has failed",
        () => engine.listTaskInstances({ runs: [run] }),
        (all) => all[1]?.state === "failed",
        patience,
      );
      assert.deepEqual(
        tasks.map(({ state }) => state),
        ["success", "failed", "success"],
      );
      await given.ended(run);
    },
  },
  {
    title: "giving a state to a task that is not there is TASK_UNKNOWN",
    needs: has("marking"),
    async run({ engine, given, capabilities }) {
      const run = await given.shared(FIXTURES.ok);
      await refuses(
        () => engine.setTaskState({ ...taskOf(run, "nobody"), state: "failed", dryRun: false }),
        "TASK_UNKNOWN",
      );
      if (!has("mapping")(capabilities)) return;
      const mapped = await given.shared(FIXTURES.mapped);
      await refuses(
        () => engine.setTaskState({ ...taskOf(mapped, "show"), state: "failed", dryRun: false }),
        "TASK_UNKNOWN",
      );
      assert.ok((await engine.listTaskInstances({ runs: [mapped] })).every(({ state }) => state === "success"));
    },
  },
  {
    title: "marking a failed task a success lets what it kept waiting run",
    needs: has("marking"),
    async run({ engine, given }) {
      const run = await given.finished(FIXTURES.fail);
      await engine.setTaskState({ ...taskOf(run, "a"), state: "success", dryRun: false });
      const after = await given.ended(run);
      assert.equal(after.state, "success");
      assert.equal((await engine.getTaskInstance(taskOf(run, "b"))).state, "success");
    },
  },
];
