import {
  isTerminalRunState,
  mergeObservation,
  REPORT_FORMATS,
  RUN_STATES,
  type RunObservation,
  type RunRecord,
  type RunReport,
} from "@airfleet/model";
import type { KnownRun } from "@airfleet/store";
import { array, assert, boolean, constantFrom, nat, oneof, property, record, shuffledSubarray } from "fast-check";
import { describe, expect, it } from "vitest";
import { type ApplicableReport, toApplicable } from "../../src/inbox/applicable-report.ts";
import { isOldFormat, planReports } from "../../src/inbox/plan-reports.ts";
import { aRun } from "../fake-instance.ts";
import { aReport, aTaskReport, key, place } from "./sample-reports.ts";

/** The run as the store would have it, told of reports and readings in turn. */
const createRun = () => {
  let run: RunRecord | null = null;
  let hasEnded = false;
  const note = (news: RunObservation): void => {
    run = mergeObservation(run, news);
    hasEnded ||= isTerminalRunState(run.state);
  };
  const known = (): KnownRun | undefined =>
    run === null ? undefined : { key, state: run.state, readAt: run.read?.at ?? 0, isBeingStopped: false };
  return {
    note,
    record: () => run,
    hasEnded: () => hasEnded,
    tell: (reports: readonly ApplicableReport[]) => {
      const plan = planReports(reports, { key, known: known(), endedBefore: hasEnded, timeOf: (at) => at });
      for (const news of plan?.observations ?? []) note(news);
      return plan;
    },
  };
};

const read = (at: number, state: "queued" | "running" | "success" | "failed", startedAt: string): RunObservation => ({
  kind: "read",
  dagId: place.dagId,
  runId: place.runId,
  source: "poll",
  at,
  run: aRun(place.dagId, place.runId, { state, engineState: state, startedAt }),
});

const toReport = (
  format: ApplicableReport["format"],
  runState: ApplicableReport["runState"],
  receivedAt: number,
): ApplicableReport => ({
  ...toApplicable(place.instance, aReport({ format, runState, sentAt: receivedAt })),
  id: `rep_${receivedAt}`,
  receivedAt,
});

const aReportAt = record({
  format: constantFrom(...REPORT_FORMATS),
  runState: oneof(constantFrom(...RUN_STATES), constantFrom(null)),
  receivedAt: nat({ max: 1_000 }),
}).map(({ format, runState, receivedAt }) => toReport(format, runState, receivedAt));

const anOldReportAt = record({
  format: constantFrom("g0" as const, "g1" as const, "g2" as const),
  runState: constantFrom(...RUN_STATES),
  receivedAt: nat({ max: 1_000 }),
}).map(({ format, runState, receivedAt }) => toReport(format, runState, receivedAt));

const received = (receivedAt: number, report: RunReport): ApplicableReport => ({
  ...toApplicable(place.instance, report),
  id: `rep_${receivedAt}`,
  receivedAt,
});

const isEnd = ({ runState }: ApplicableReport): boolean => runState !== null && isTerminalRunState(runState);

const RUNS = { numRuns: 1_000 };

describe("what reports make known", () => {
  it("ends where the reading ends that follows, whatever was reported, in whatever order, batches and repetition", () => {
    const delivery = array(aReportAt, { minLength: 1, maxLength: 20 }).chain((reports) =>
      shuffledSubarray([...reports, ...reports], { minLength: reports.length }),
    );
    assert(
      property(delivery, constantFrom("success" as const, "failed" as const), nat({ max: 5 }), (reports, end, size) => {
        const run = createRun();
        for (let start = 0; start < reports.length; start += size + 1) run.tell(reports.slice(start, start + size + 1));
        run.note(read(2_000, end, "1970-01-01T00:00:00.100Z"));
        run.tell(reports);
        expect(run.record()?.state).toBe(end);
      }),
      RUNS,
    );
  });

  it("is the same once more, but for old reports of a run that has become known", () => {
    const trusted = aReportAt.filter((report) => !isOldFormat(report));
    assert(
      property(array(trusted, { minLength: 1, maxLength: 10 }), boolean(), (reports, isRead) => {
        const run = createRun();
        if (isRead) run.note(read(500, "running", "1970-01-01T00:00:00.100Z"));
        run.tell(reports);
        const once = run.record();
        run.tell(reports);
        expect(run.record()?.state).toBe(once?.state);
      }),
      RUNS,
    );
  });

  it("makes no run of old reports, and asks for a reading", () => {
    assert(
      property(array(anOldReportAt, { minLength: 1, maxLength: 5 }), (reports) => {
        const run = createRun();
        expect(run.tell(reports)).toMatchObject({ asks: true });
        expect(run.record()).toBeNull();
      }),
    );
  });

  it("never ends a run by old reports that had ended before: only a reading does", () => {
    assert(
      property(array(anOldReportAt, { minLength: 1, maxLength: 5 }), (reports) => {
        const run = createRun();
        run.note(read(1, "failed", "1970-01-01T00:00:00.000Z"));
        run.note(read(2, "running", "1970-01-01T00:00:00.002Z"));
        const plan = run.tell(reports.map((report) => ({ ...report, receivedAt: report.receivedAt + 10 })));
        expect(run.record()?.state).toBe("running");
        expect(plan?.asks || !reports.some(isEnd)).toBe(true);
      }),
    );
  });

  it("lets old reports move on a run that is known and had not ended", () => {
    const run = createRun();
    run.note(read(1, "queued", "1970-01-01T00:00:00.000Z"));
    run.tell([toReport("g1", "running", 10)]);
    expect(run.record()?.state).toBe("running");
    run.tell([toReport("g0", "success", 20)]);
    expect(run.record()?.state).toBe("success");
  });

  it("tells a run once what several reports say alike, by the time of the last", () => {
    const plan = createRun().tell([30, 10, 20].map((at) => toReport("native", "failed", at)));
    expect(plan?.observations).toMatchObject([{ kind: "heard", state: "failed", at: 30 }]);
    const later = createRun().tell([10, 30].map((at) => toReport("native", "running", at)));
    expect(later?.observations).toMatchObject([{ state: "running", at: 30 }]);
  });

  it("makes a run of our own and a publisher's", () => {
    for (const format of ["native", "rikolti"] as const) {
      const run = createRun();
      expect(isOldFormat({ format })).toBe(false);
      run.tell([toReport(format, "running", 10)]);
      expect(run.record()?.state).toBe("running");
    }
  });

  it("waits for the reading of whoever stops the run, when the end of it is reported meanwhile", () => {
    const known: KnownRun = { key, state: "running", readAt: 5, isBeingStopped: true };
    const context = { key, known, endedBefore: false, timeOf: (at: number) => at };
    const plan = planReports([toReport("native", "failed", 10)], context);
    expect(plan).toMatchObject({ observations: [], asks: true });
  });

  it("asks for no reading for what a task says of a run that we know to be running", () => {
    const known: KnownRun = { key, state: "running", readAt: 5, isBeingStopped: false };
    const context = { key, known, endedBefore: false, timeOf: (at: number) => at };
    expect(planReports([toReport("native", "running", 10)], context)).toMatchObject({ observations: [], asks: false });
    const ended = { ...context, known: { ...known, state: "failed" as const } };
    expect(planReports([toReport("native", "running", 10)], ended)).toMatchObject({ observations: [], asks: true });
    expect(planReports([toReport("native", "running", 4)], ended)).toMatchObject({ asks: false });
  });

  it("keeps of each try how it ended, and where it ran, whatever comes late", () => {
    const plan = createRun().tell([received(1, aTaskReport("success")), received(2, aTaskReport("running"))]);
    expect(plan?.tasks).toMatchObject([{ state: "success", processEnds: true, pid: 4711, receivedAt: 2 }]);
  });

  it("keeps the newest word on each part, short enough to be kept", () => {
    const plan = createRun().tell([
      received(1, aReport({ details: { progress: 10, title: "first", results: { file: "x".repeat(70_000) } } })),
      received(2, aReport({ details: { progress: 20.5, error: { category: "docker", message: "no space" } } })),
    ]);
    const parts = Object.fromEntries((plan?.details ?? []).map((detail) => [detail.part, detail]));
    expect(parts).toMatchObject({
      progress: { value: "20.5", receivedAt: 2, isCut: false },
      title: { value: "first", receivedAt: 1 },
      error: { value: "no space", category: "docker" },
      results: { isCut: true },
    });
    expect(parts["results"]?.value).toHaveLength(65_536);
  });
});
