import assert from "node:assert/strict";
import type { LogLine } from "@airfleet/model";
import { type Claim, has } from "../claim.ts";
import type { ClaimContext } from "../context.ts";
import { collect, present, refuses } from "../expectations.ts";
import { BIG_LOG_LINES, FIXTURES } from "../fixtures.ts";
import { taskOf } from "../given.ts";

const spoken = async ({ engine, given }: ClaimContext): Promise<LogLine[]> =>
  collect(engine.readLog({ ...taskOf(await given.shared(FIXTURES.logs), "speak"), tryNumber: 1 }));

const line = (lines: readonly LogLine[], text: string): LogLine =>
  present(
    lines.find((candidate) => candidate.text.includes(text)),
    `"${text}" in the log`,
  );

export const logClaims: readonly Claim[] = [
  {
    title: "a log has what the task wrote to stdout, stderr and its logger",
    async run(context) {
      const lines = await spoken(context);
      for (const text of ["a line on stdout", "a line on stderr", "an info line", "inside the group"])
        line(lines, text);
    },
  },
  {
    title: "log lines carry their level and when they were written",
    async run(context) {
      const lines = await spoken(context);
      const dated = has("log_times")(context.capabilities) ? ["a line on stdout"] : [];
      assert.equal(line(lines, "an info line").level, "info");
      assert.equal(line(lines, "a warning line").level, "warning");
      assert.equal(line(lines, "an error line").level, "error");
      for (const text of ["an info line", "a warning line", ...dated]) {
        const at = Date.parse(present(line(lines, text).at, `time of "${text}"`));
        assert.ok(Math.abs(at - Date.now()) < 3_600_000, String(at));
      }
    },
  },
  {
    title: "the text of a line is what was written, without the engine's prefix",
    async run(context) {
      const lines = await spoken(context);
      for (const text of ["a line on stdout", "a warning line"]) assert.equal(line(lines, text).text, text);
    },
  },
  {
    title: "unicode in a log survives",
    async run(context) {
      line(await spoken(context), "unicode: Grüße, 東京, 🚀");
    },
  },
  {
    title: "ANSI colours in a log are kept",
    // Airflow 2 strips them from what is printed before it writes the line.
    needs: ({ structuredLogs }) => structuredLogs,
    async run(context) {
      line(await spoken(context), "\u001b[31mred\u001b[0m and \u001b[1mbold\u001b[0m");
    },
  },
  {
    title: "an exception is in the log with its message and its cause",
    async run({ engine, given }) {
      const run = await given.shared(FIXTURES.logs);
      const text = (await collect(engine.readLog({ ...taskOf(run, "stumble"), tryNumber: 1 })))
        .map((one) => one.text)
        .join("\n");
      for (const part of ["ValueError", "the second task fails on purpose", "KeyError"])
        assert.ok(text.includes(part), text);
    },
  },
  {
    title: "each try has its own log",
    async run({ engine, given }) {
      const task = taskOf(await given.shared(FIXTURES.flaky), "a");
      const read = async (tryNumber: number) =>
        (await collect(engine.readLog({ ...task, tryNumber }))).map(({ text }) => text).join("\n");
      const [first, second] = [await read(1), await read(2)];
      assert.ok(first.includes("the first try fails on purpose") && !first.includes("try 2 succeeds"), first);
      assert.ok(second.includes("try 2 succeeds") && !second.includes("the first try fails on purpose"), second);
    },
  },
  {
    title: "a try that never was has no log: LOG_UNAVAILABLE",
    async run({ engine, given }) {
      const task = taskOf(await given.shared(FIXTURES.ok), "a");
      const error = await refuses(() => collect(engine.readLog({ ...task, tryNumber: 7 })), "LOG_UNAVAILABLE");
      assert.ok(error.message.includes("try 7"), error.message);
    },
  },
  {
    title: "a task that never ran has no log: LOG_UNAVAILABLE",
    async run({ engine, given }) {
      const task = taskOf(await given.shared(FIXTURES.fail), "b");
      await refuses(() => collect(engine.readLog({ ...task, tryNumber: 1 })), "LOG_UNAVAILABLE");
    },
  },
  {
    title: "the log of a task or run that is not there is TASK_UNKNOWN",
    async run({ engine, given }) {
      const run = await given.shared(FIXTURES.ok);
      await refuses(() => collect(engine.readLog({ ...taskOf(run, "nobody"), tryNumber: 1 })), "TASK_UNKNOWN");
      const absent = { ...run, runId: given.runId() };
      await refuses(() => collect(engine.readLog({ ...taskOf(absent, "a"), tryNumber: 1 })), "TASK_UNKNOWN");
    },
  },
  {
    title: "each index of a mapped task has its own log",
    needs: has("mapping"),
    async run({ engine, given }) {
      const run = await given.shared(FIXTURES.mapped);
      for (const index of [0, 2]) {
        const lines = await collect(engine.readLog({ ...taskOf(run, "show", index), tryNumber: 1 }));
        line(lines, `map_index=${index} number=${index + 1}`);
      }
      await refuses(() => collect(engine.readLog({ ...taskOf(run, "show"), tryNumber: 1 })), "TASK_UNKNOWN");
    },
  },
  {
    title: "a log of 20,000 lines comes whole and in order",
    async run({ engine, given }) {
      const run = await given.shared(FIXTURES.bigLog);
      const numbers: number[] = [];
      for await (const { text } of engine.readLog({ ...taskOf(run, "count"), tryNumber: 1 })) {
        const number = /line (\d{5}) of/.exec(text)?.[1];
        if (number !== undefined) numbers.push(Number(number));
      }
      assert.equal(numbers.length, BIG_LOG_LINES);
      assert.ok(numbers.every((number, index) => number === index));
    },
  },
  {
    title: "leaving a log early ends the reading, and the engine serves on",
    async run({ engine, given }) {
      const run = await given.shared(FIXTURES.bigLog);
      for (let round = 0; round < 5; round += 1) {
        let seen = 0;
        for await (const _ of engine.readLog({ ...taskOf(run, "count"), tryNumber: 1 })) {
          seen += 1;
          if (seen === 10) break;
        }
        assert.equal(seen, 10);
      }
      assert.equal((await engine.getRun(run)).runId, run.runId);
    },
  },
];
