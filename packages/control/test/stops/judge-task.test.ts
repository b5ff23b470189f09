import type { ProcessTrace } from "@airfleet/engine";
import { type StoppedTask, toTaskId } from "@airfleet/model";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgeTask, type TaskSigns } from "../../src/stops/judge-task.ts";

const START = Date.parse("2026-11-21T10:00:00Z");
const terms = { now: START + 5_000, presumeAfterMs: 10_000 };

const aTask = (changes: Partial<StoppedTask> = {}): StoppedTask => ({
  taskId: toTaskId("a"),
  mapIndex: -1,
  tryNumber: 1,
  stateBefore: "running",
  hostname: "worker",
  pid: 7,
  gone: null,
  lastSignAt: START,
  isEnding: false,
  seenProcess: null,
  logLines: null,
  ...changes,
});

const nothing: TaskSigns = {
  reportedEndAt: null,
  trace: null,
  local: { state: "unknown", process: null },
  isRunning: false,
};
const trace = (kind: ProcessTrace["kind"], lines = 10, at: string | null = null): ProcessTrace => ({
  kind,
  at,
  line: kind === "silent" ? null : "the line",
  lines,
});

describe("judging a stopped task", () => {
  it("takes its own report, the end of its log, and its pid on this host for proof", () => {
    expect(judgeTask(aTask(), { ...nothing, reportedEndAt: START + 2_000 }, terms).gone).toEqual({
      kind: "confirmed",
      by: "listener",
      at: START + 2_000,
      detail: null,
    });
    const ended = trace("ended", 10, "2026-11-21T10:00:03Z");
    expect(judgeTask(aTask(), { ...nothing, trace: ended }, terms).gone).toEqual({
      kind: "confirmed",
      by: "log_end",
      at: START + 3_000,
      detail: "the line",
    });
    const gone = { state: "gone", process: "p" } as const;
    expect(judgeTask(aTask(), { ...nothing, local: gone }, terms).gone).toMatchObject({ by: "same_host_pid" });
  });

  it("does not believe the clock of a worker that is wrong", () => {
    const ended = trace("ended", 10, "2026-11-21T09:00:00Z");
    expect(judgeTask(aTask(), { ...nothing, trace: ended }, terms).gone).toMatchObject({ at: terms.now });
  });

  it("believes what it sees rather than what is reported: a live pid is alive", () => {
    const local = { state: "alive", process: "p" } as const;
    const judged = judgeTask(aTask(), { ...nothing, local, reportedEndAt: START, trace: trace("ended") }, terms);
    expect(judged).toMatchObject({ gone: null, seenProcess: "p", lastSignAt: terms.now });
  });

  it("presumes after the silence of the setting, and not before", () => {
    expect(judgeTask(aTask(), nothing, { ...terms, now: START + 9_999 }).gone).toBeNull();
    expect(judgeTask(aTask(), nothing, { ...terms, now: START + 10_000 }).gone).toEqual({
      kind: "presumed",
      at: START + 10_000,
      silentMs: 10_000,
    });
  });

  it("does not presume while its supervisor is ending it, even when the log cannot be read any more", () => {
    const late = { ...terms, now: START + 60_000 };
    const ending = judgeTask(aTask(), { ...nothing, trace: trace("ending") }, late);
    expect(ending).toMatchObject({ gone: null, isEnding: true });
    expect(judgeTask(ending, nothing, { ...late, now: START + 90_000 }).gone).toBeNull();
    expect(judgeTask(ending, { ...nothing, trace: trace("ended", 12) }, late).gone).toMatchObject({ by: "log_end" });
  });

  it("takes a log that grows for a sign of life, and takes a presumption back for it", () => {
    const late = { ...terms, now: START + 20_000 };
    const presumed = judgeTask(aTask({ logLines: 10 }), { ...nothing, trace: trace("silent", 10) }, late);
    expect(presumed.gone).toMatchObject({ kind: "presumed" });
    const grown = judgeTask(presumed, { ...nothing, trace: trace("silent", 11) }, { ...late, now: START + 22_000 });
    expect(grown).toMatchObject({ gone: null, lastSignAt: START + 22_000, logLines: 11 });
  });

  it("never calls a task gone that the engine calls running, without proof", () => {
    const late = { ...terms, now: START + 600_000 };
    expect(judgeTask(aTask(), { ...nothing, isRunning: true }, late).gone).toBeNull();
  });

  it("keeps a proof whatever comes later, and never presumes within the silence", () => {
    const signs: fc.Arbitrary<TaskSigns> = fc.record({
      reportedEndAt: fc.option(fc.integer({ min: START, max: START + 100_000 })),
      trace: fc.option(
        fc.record({
          kind: fc.constantFrom("ended", "ending", "silent"),
          at: fc.constant(null),
          line: fc.constant("x"),
          lines: fc.integer({ min: 0, max: 20 }),
        }),
      ),
      local: fc.record({ state: fc.constantFrom("alive", "gone", "unknown"), process: fc.constant(null) }),
      isRunning: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 8_000 }), signs), { maxLength: 20 }), (looks) => {
        let now = START;
        let task = aTask();
        for (const [passed, sign] of looks) {
          now += passed;
          const before = task;
          task = judgeTask(task, sign, { now, presumeAfterMs: 10_000 });
          const isPresumed = task.gone?.kind === "presumed";
          expect(before.gone?.kind === "confirmed" ? task : before).toBe(before);
          expect(!isPresumed || now - task.lastSignAt >= 10_000).toBe(true);
          expect(isPresumed && sign.local.state === "alive").toBe(false);
        }
      }),
    );
  });
});
