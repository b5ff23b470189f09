import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  isTerminalRunState,
  mergeObservation,
  RUN_STATES,
  type Run,
  type RunObservation,
  type RunRecord,
  type RunState,
  toDagId,
  toRunId,
} from "../src/index.ts";
import { createModelEngine, type EngineStep } from "./runs/model-engine.ts";

const address = { dagId: toDagId("orders"), runId: toRunId("manual__1") };

const mergeAll = (observations: readonly RunObservation[]): RunRecord | null =>
  observations.reduce<RunRecord | null>((known, news) => mergeObservation(known, news), null);

/** A life of a run, with readers who look at it, slowly, and reporters whose word comes late. */
const anyStep: fc.Arbitrary<EngineStep> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ kind: "create" } as const) },
  { weight: 5, arbitrary: fc.constant({ kind: "start" } as const) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("finish" as const),
      state: fc.constantFrom("success" as const, "failed" as const),
      hollow: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ kind: "clear" } as const) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("mark" as const),
      state: fc.constantFrom("success" as const, "failed" as const),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ kind: "stop" } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: "delete" } as const) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("read" as const),
      /** How long before the engine's answer the call was begun. */
      slowMs: fc.integer({ min: 0, max: 40 }),
      withTasks: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("report" as const),
      lateMs: fc.integer({ min: 0, max: 60 }),
      /** Wrong by the clock of whoever stamped it: a machine on the way, or another server of ours. */
      skewMs: fc.integer({ min: -30, max: 30 }),
      partial: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 20 }) }) },
);

const aLife = fc.array(anyStep, { minLength: 1, maxLength: 40, size: "max" });

/** What was observed of a life, ended by a reading that began after everything else, and what the engine then says. */
const live = (steps: readonly EngineStep[]) => {
  const engine = createModelEngine(address);
  for (const step of steps) engine.take(step);
  const expected = engine.settle();
  return { observations: engine.observations(), expected };
};

/** In another order, some twice. */
const anyDelivery = aLife.chain((steps) => {
  const { observations, expected } = live(steps);
  const order = fc.shuffledSubarray([...observations], { minLength: observations.length });
  const again = fc.subarray([...observations]);
  return fc
    .tuple(order, again)
    .chain(([first, twice]) =>
      fc.record({ delivered: fc.shuffledSubarray([...first, ...twice], { minLength: first.length + twice.length }) }),
    )
    .map(({ delivered }) => ({ observations, delivered, expected }));
});

const RUNS = { numRuns: 2_000 };

describe("merging observations of a run", () => {
  test("ends at the engine's own state, whatever the order, with late and doubled ones", () => {
    fc.assert(
      fc.property(anyDelivery, ({ delivered, expected }) => {
        expect(expected).toContain(mergeAll(delivered)?.state);
      }),
      RUNS,
    );
  });

  test("gives the same record in every order", () => {
    fc.assert(
      fc.property(anyDelivery, ({ observations, delivered }) => {
        expect(mergeAll(delivered)).toEqual(mergeAll(observations));
      }),
      RUNS,
    );
  });

  test("answers the very same record for what it has heard before", () => {
    fc.assert(
      fc.property(aLife, (steps) => {
        const { observations } = live(steps);
        const record = mergeAll(observations);
        for (const repeated of observations) expect(mergeObservation(record, repeated)).toBe(record);
      }),
    );
  });

  test("never takes a run out of a terminal state but by a reading that began later", () => {
    fc.assert(
      fc.property(anyDelivery, ({ delivered }) => {
        let record: RunRecord | null = null;
        for (const news of delivered) {
          const before: RunRecord | null = record;
          record = mergeObservation(record, news);
          if (before?.read === undefined || before.read === null) continue;
          if (!isTerminalRunState(before.read.run.state) || isTerminalRunState(record.state)) continue;
          expect(news.kind).toBe("read");
          expect(news.at).toBeGreaterThanOrEqual(before.read.at);
        }
      }),
      RUNS,
    );
  });
});

/** What hooks may say of one run, at whatever time: those too of workers that die of our stop. */
const anyHearsay: fc.Arbitrary<RunObservation> = fc.record({
  dagId: fc.constant(address.dagId),
  runId: fc.constant(address.runId),
  kind: fc.constant("heard" as const),
  source: fc.constant("report" as const),
  at: fc.integer({ min: 0, max: 100 }),
  state: fc.constantFrom(...RUN_STATES),
  partial: fc.boolean(),
});

const aRun = (state: Run["state"], changes: Partial<Run> = {}): Run => ({
  ...address,
  state,
  engineState: state,
  type: "manual",
  logicalDate: null,
  intervalStart: null,
  intervalEnd: null,
  runAfter: null,
  queuedAt: null,
  startedAt: "2026-11-20T03:00:00.000001+00:00",
  endedAt: null,
  conf: {},
  note: null,
  triggeredBy: null,
  versionNumbers: [],
  ...changes,
});

const read = (at: number, state: RunState, more: Partial<Run> = {}, hollow?: boolean): RunObservation => ({
  ...address,
  kind: "read",
  source: "poll",
  at,
  run: aRun(state, more),
  ...(hollow === undefined ? {} : { hollow }),
});

const say = (conf: Record<string, unknown>): RunObservation => ({
  ...address,
  kind: "heard",
  source: "report",
  state: "running",
  at: 5,
  conf,
});

describe("what an observation means", () => {
  test("a run that we stopped stays cancelled, whatever is heard of it and when", () => {
    const told = [
      read(40, "running"),
      { ...address, kind: "stopped", source: "action", at: 50, startedAt: aRun("running").startedAt },
      read(60, "failed"),
    ] satisfies readonly RunObservation[];
    const anyOrder = fc
      .array(anyHearsay, { minLength: 1, maxLength: 12 })
      .chain((heard) => fc.shuffledSubarray([...told, ...heard], { minLength: told.length + heard.length }));
    fc.assert(
      fc.property(anyOrder, fc.array(anyHearsay, { maxLength: 12 }), (delivered, afterwards) => {
        let record = mergeAll(delivered);
        expect(record?.state).toBe("cancelled");
        for (const news of afterwards) {
          record = mergeObservation(record, news);
          expect(record.state).toBe("cancelled");
        }
      }),
      RUNS,
    );
  });

  test("a success without tasks stays a failure when the feed shows the run again", () => {
    expect(mergeAll([read(1, "success", {}, true), read(2, "success")])?.state).toBe("failed");
    expect(mergeAll([read(2, "success"), read(1, "success", {}, true)])?.state).toBe("failed");
  });

  test("a cleared run that succeeds with tasks is a success, hollow though the attempt before was", () => {
    const rerun = { startedAt: "2026-11-20T04:00:00.000001+00:00" };
    expect(mergeAll([read(1, "success", {}, true), read(2, "running", rerun), read(3, "success", rerun)])?.state).toBe(
      "success",
    );
  });

  test("an exit code 1 is said of the attempt that it was reported for only", () => {
    const begun = Date.parse("2026-11-20T03:00:00Z");
    const report = { ...address, kind: "heard", source: "report", state: "success", partial: true } as const;
    const heard: RunObservation = { ...report, at: begun + 1_000 };
    expect(mergeAll([heard, read(begun + 2_000, "success")])).toMatchObject({ state: "success", partial: true });
    const rerun = { startedAt: "2026-11-20T04:00:00.000001+00:00" };
    const later = read(Date.parse(rerun.startedAt) + 1, "success", rerun);
    expect(mergeAll([heard, later])).toMatchObject({ state: "success", partial: false });
  });

  test("reports that disagree about a conf are believed alike in both orders", () => {
    const [left, right] = [say({ a: 1 }), say({ b: 2 })];
    expect(mergeAll([left, right])).toEqual(mergeAll([right, left]));
  });

  test("a run that the engine has no more keeps its end, or is lost", () => {
    const gone: RunObservation = { ...address, kind: "gone", source: "poll", at: 9 };
    expect(mergeAll([read(1, "success"), gone])).toMatchObject({ state: "success", goneAt: 9 });
    expect(mergeAll([read(1, "running"), gone])).toMatchObject({ state: "lost", goneAt: 9 });
    expect(mergeAll([gone, read(1, "running"), read(10, "running")])).toMatchObject({ state: "running", goneAt: null });
  });
});
