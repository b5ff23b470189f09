import assert from "node:assert/strict";
import type { Claim } from "../claim.ts";
import { FIXTURES } from "../fixtures.ts";
import { addressOf, taskOf } from "../given.ts";
import { stays } from "../waiting.ts";

export const logFollowClaims: readonly Claim[] = [
  {
    title: "following the log of a try that has ended gives it once and ends",
    async run({ engine, given }) {
      const task = taskOf(await given.shared(FIXTURES.logs), "speak");
      const texts: string[] = [];
      for await (const { text } of engine.readLog({ ...task, tryNumber: 1, follow: true })) texts.push(text);
      assert.equal(texts.filter((text) => text.includes("a line on stdout")).length, 1, texts.join("\n"));
      assert.equal(texts.filter((text) => text.includes("::endgroup::")).length >= 1, true);
    },
  },
  {
    title: "following a log from before it begins gives every line once, until the try has ended",
    async run({ engine, given }) {
      const run = await given.run(FIXTURES.flaky);
      const texts: string[] = [];
      for await (const { text } of engine.readLog({ ...taskOf(run, "a"), tryNumber: 1, follow: true }))
        texts.push(text);
      const failures = texts.filter((text) => text.includes("the first try fails on purpose"));
      assert.ok(failures.length >= 1, texts.join("\n"));
      assert.ok(!texts.some((text) => text.includes("try 2 succeeds")), "the second try's lines came along");
      assert.equal((await given.ended(run)).state, "success");
    },
  },
  {
    title: "following the log of a running task goes on while it runs, and ends when it is stopped",
    async run({ engine, given }) {
      const run = await given.run(FIXTURES.sleep);
      const task = taskOf(run, "a");
      await given.running(task);
      let lines = 0;
      let isOver = false;
      const follow = async (): Promise<unknown> => {
        try {
          for await (const _ of engine.readLog({ ...task, tryNumber: 1, follow: true })) lines += 1;
          return null;
        } catch (error) {
          return error;
        } finally {
          isOver = true;
        }
      };
      const following = follow();
      await stays(
        "it is followed",
        async () => isOver,
        (over) => !over,
        { pollMs: 200, forMs: 1_500 },
      );
      await engine.setRunState({ ...addressOf(run), state: "failed" });
      assert.equal(await following, null);
      assert.ok(lines > 0);
    },
  },
];
