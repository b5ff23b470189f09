import assert from "node:assert/strict";
import { isAirfleetError } from "@airfleet/model";
import type { ProcessTrace } from "../../process-trace.ts";
import { type Claim, has } from "../claim.ts";
import { FIXTURES } from "../fixtures.ts";
import { addressOf, taskOf } from "../given.ts";
import { eventually } from "../waiting.ts";

export const processClaims: readonly Claim[] = [
  {
    title: "a stopped task names where it ran, and its log tells when its process is gone, or nothing more",
    async run({ engine, given, patience, capabilities }) {
      const run = await given.run(FIXTURES.sleep);
      const task = await eventually(
        "it has a process",
        () => given.running(taskOf(run, "a")),
        ({ pid }) => pid !== null,
        patience,
      );
      if (has("hosts")(capabilities)) assert.ok(task.hostname !== null && task.hostname !== "");
      const trace = async (): Promise<ProcessTrace["kind"]> => {
        try {
          const { tryNumber, pid } = task;
          return (await engine.traceProcess?.({ ...taskOf(run, "a"), tryNumber, pid }))?.kind ?? "silent";
        } catch (error) {
          if (isAirfleetError(error, "LOG_UNAVAILABLE")) return "silent";
          throw error;
        }
      };
      assert.equal(await trace(), "silent");
      await engine.setRunState({ ...addressOf(run), state: "failed" });
      // Where nobody sees a process end, its log must not say "ending" for ever: silence would never be believed.
      const last = has("process_ends")(capabilities) ? "ended" : "silent";
      await eventually("its log says the last of its process", trace, (kind) => kind === last, patience);
      const after = await engine.getTaskInstance(taskOf(run, "a"));
      assert.deepEqual([after.hostname, after.pid, after.tryNumber], [task.hostname, task.pid, task.tryNumber]);
    },
  },
  {
    title: "a task that never ran names no process",
    async run({ engine, given }) {
      const run = await given.run(FIXTURES.sleep);
      await given.running(taskOf(run, "a"));
      await engine.setRunState({ ...addressOf(run), state: "failed" });
      const { hostname, pid, tryNumber } = await engine.getTaskInstance(taskOf(run, "b"));
      assert.deepEqual([hostname || null, pid, tryNumber], [null, null, 0]);
    },
  },
];
