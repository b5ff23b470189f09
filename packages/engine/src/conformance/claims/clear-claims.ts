import assert from "node:assert/strict";
import { toTaskId } from "@airfleet/model";
import { type Claim, has } from "../claim.ts";
import { refuses } from "../expectations.ts";
import { FIXTURES } from "../fixtures.ts";
import { addressOf, taskOf } from "../given.ts";

const ids = (tasks: readonly { readonly taskId: string }[]): string[] => tasks.map(({ taskId }) => taskId).sort();

export const clearClaims: readonly Claim[] = [
  {
    title: "a dry run of a clear names the tasks and changes nothing",
    async run({ engine, given }) {
      const run = await given.shared(FIXTURES.chain);
      const before = await engine.listTaskInstances({ runs: [run] });
      const result = await engine.clear({ ...addressOf(run), onlyFailed: false, dryRun: true });
      assert.equal(result.dryRun, true);
      assert.deepEqual(ids(result.tasks), ["a", "group.b", "group.c"]);
      assert.deepEqual(await engine.listTaskInstances({ runs: [run] }), before);
      assert.equal((await engine.getRun(run)).state, "success");
    },
  },
  {
    title: "clearing a finished run queues it again, and its tasks run again",
    async run({ engine, given }) {
      const run = await given.finished(FIXTURES.chain);
      const result = await engine.clear({ ...addressOf(run), onlyFailed: false, dryRun: false });
      assert.equal(result.dryRun, false);
      assert.deepEqual(ids(result.tasks), ["a", "group.b", "group.c"]);
      const after = await given.ended(run);
      assert.equal(after.state, "success");
      assert.ok(Date.parse(after.endedAt ?? "") > Date.parse(run.endedAt ?? ""));
      assert.equal((await engine.getTaskInstance(taskOf(run, "group.b"))).tryNumber, 2);
    },
  },
  {
    title: "only what failed, or could not run for it, is cleared when asked so",
    async run({ engine, given }) {
      const run = await given.finished(FIXTURES.fail);
      const dry = await engine.clear({ ...addressOf(run), onlyFailed: true, dryRun: true });
      assert.deepEqual(ids(dry.tasks), ["a", "b"]);
      const done = await engine.clear({ ...addressOf(run), onlyFailed: true, dryRun: false });
      assert.deepEqual(ids(done.tasks), ["a", "b"]);
      await given.ended(run);
      assert.equal((await engine.getTaskInstance(taskOf(run, "a"))).tryNumber, 2);
      assert.equal((await engine.getTaskInstance(taskOf(run, "c"))).tryNumber, 1);
    },
  },
  {
    title: "the state before a clear is told where the engine knows it",
    async run({ engine, given }) {
      const run = await given.shared(FIXTURES.fail);
      const { tasks } = await engine.clear({ ...addressOf(run), onlyFailed: true, dryRun: true });
      const states = new Map(tasks.map(({ taskId, stateBefore }) => [String(taskId), stateBefore]));
      assert.ok(states.get("a") === null || states.get("a") === "failed");
      assert.ok(states.get("b") === null || states.get("b") === "upstream_failed");
    },
  },
  {
    title: "with nothing failed, clearing what failed does nothing",
    async run({ engine, given }) {
      const run = await given.shared(FIXTURES.ok);
      const before = await engine.getRun(run);
      assert.deepEqual((await engine.clear({ ...addressOf(run), onlyFailed: true, dryRun: false })).tasks, []);
      assert.deepEqual(await engine.getRun(run), before);
    },
  },
  {
    title: "only the named tasks are cleared",
    async run({ engine, given }) {
      const run = await given.finished(FIXTURES.chain);
      const result = await engine.clear({
        ...addressOf(run),
        taskIds: [toTaskId("group.c")],
        onlyFailed: false,
        dryRun: false,
      });
      assert.deepEqual(ids(result.tasks), ["group.c"]);
      await given.ended(run);
      const tasks = await engine.listTaskInstances({ runs: [run] });
      // Empty operators are passed over by the scheduler and count no try.
      assert.deepEqual(
        tasks.filter(({ taskId }) => taskId !== "a").map(({ tryNumber }) => tryNumber),
        [1, 2],
      );
    },
  },
  {
    title: "clearing a task that the DAG does not have is TASK_UNKNOWN and clears nothing",
    async run({ engine, given }) {
      const run = await given.shared(FIXTURES.chain);
      const taskIds = [toTaskId("a"), toTaskId("nobody")];
      await refuses(
        () => engine.clear({ ...addressOf(run), taskIds, onlyFailed: false, dryRun: false }),
        "TASK_UNKNOWN",
      );
      assert.equal((await engine.getRun(run)).state, "success");
    },
  },
  {
    title: "clearing a run that is not there is RUN_UNKNOWN",
    async run({ engine, given }) {
      const run = { dagId: FIXTURES.ok, runId: given.runId() };
      await refuses(() => engine.clear({ ...run, onlyFailed: false, dryRun: true }), "RUN_UNKNOWN");
      await refuses(() => engine.clear({ ...run, onlyFailed: true, dryRun: false }), "RUN_UNKNOWN");
    },
  },
  {
    title: "a clear of one run leaves the other runs of the DAG alone",
    async run({ engine, given }) {
      const other = await given.shared(FIXTURES.ok);
      const before = await engine.listTaskInstances({ runs: [other] });
      const run = await given.finished(FIXTURES.ok);
      await engine.clear({ ...addressOf(run), onlyFailed: false, dryRun: false });
      await given.ended(run);
      assert.deepEqual(await engine.listTaskInstances({ runs: [other] }), before);
    },
  },
  {
    title: "task ids and only what failed together clear what is both",
    async run({ engine, given }) {
      const run = await given.shared(FIXTURES.fail);
      const clear = (names: readonly string[]) =>
        engine.clear({ ...addressOf(run), taskIds: names.map(toTaskId), onlyFailed: true, dryRun: true });
      assert.deepEqual(ids((await clear(["a", "c"])).tasks), ["a"]);
      assert.deepEqual(ids((await clear(["c"])).tasks), []);
    },
  },
  {
    title: "every index of a mapped task is cleared with it",
    needs: has("mapping"),
    async run({ engine, given }) {
      const run = await given.finished(FIXTURES.mapped);
      await engine.clear({ ...addressOf(run), taskIds: [toTaskId("show")], onlyFailed: false, dryRun: false });
      assert.equal((await given.ended(run)).state, "success");
      const tasks = await engine.listTaskInstances({ runs: [run] });
      assert.deepEqual(
        tasks.map(({ mapIndex, tryNumber }) => [mapIndex, tryNumber]),
        [
          [0, 2],
          [1, 2],
          [2, 2],
        ],
      );
    },
  },
];
