import type { TaskState } from "@airfleet/model";
import type { RunWithSteps } from "../documents/runs.ts";
import { toRunState } from "../runs/to-run.ts";

/** One try of a step. */
export interface StepTry {
  /** Dagster's id of the run that it was made in. */
  readonly engineRunId: string;
  /** Which try of the step within that run, from 0. */
  readonly index: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly state: TaskState;
  readonly engineState: string | null;
  readonly pid: number | null;
}

/** A step over all runs of a group. */
export interface StepHistory {
  readonly key: string;
  /** Where it stands. */
  readonly state: TaskState;
  readonly engineState: string | null;
  /** Oldest first. */
  readonly tries: readonly StepTry[];
}

type Stats = RunWithSteps["stepStats"][number];

const UNRESOLVED = /^(.*)\[\?\]$/;

/** The steps of one run: those planned, and in place of each that is made while it runs, those that were. */
const stepsOf = ({ executionPlan, stepStats, stepKeysToExecute }: RunWithSteps): readonly string[] => {
  const planned = executionPlan?.steps.map(({ key }) => key) ?? stepKeysToExecute ?? [];
  const wanted = planned.filter((key) => stepKeysToExecute?.includes(key) ?? true);
  const seen = stepStats.map(({ stepKey }) => stepKey);
  return wanted.flatMap((key) => {
    const base = UNRESOLVED.exec(key)?.[1];
    const made = base === undefined ? [] : seen.filter((step) => step.startsWith(`${base}[`));
    return made.length === 0 ? [key] : made;
  });
};

const BY_STATUS: Readonly<Record<string, TaskState>> = {
  SUCCESS: "success",
  FAILURE: "failed",
  SKIPPED: "skipped",
  IN_PROGRESS: "running",
};

/**
 * A step as it stands in one run. A run that is over has no step that still runs, whatever the last event was; what a
 * failed one did not come to was kept from running by the failure, be it of another step or of the run's own process.
 */
const stateOf = (run: RunWithSteps, stats: Stats | undefined): TaskState => {
  const runState = toRunState(run.status);
  const isOver = runState === "success" || runState === "failed" || runState === "cancelled";
  const attempts = stats?.attempts ?? [];
  const state = stats?.status == null ? undefined : BY_STATUS[stats.status];
  if (state === undefined && attempts.length > 0) return isOver ? "failed" : "up_for_retry";
  if (state === "running" && isOver) return "failed";
  if (state !== undefined) return state;
  if (!isOver) return "none";
  return runState === "failed" ? "upstream_failed" : "skipped";
};

const PROCESS = /^Started process for run \(pid: (\d+)\)/;

/** The process that works for a run, as Dagster noted when it was started. */
const pidOf = ({ eventConnection }: RunWithSteps): number | null => {
  for (const { __typename, message } of eventConnection.events) {
    const pid = __typename === "EngineEvent" ? PROCESS.exec(message ?? "")?.[1] : undefined;
    if (pid !== undefined) return Number(pid);
  }
  return null;
};

const triesOf = (run: RunWithSteps, stats: Stats | undefined): StepTry[] => {
  if (stats === undefined || stats.status === "SKIPPED") return [];
  const { attempts } = stats;
  // A step's own times are there before Dagster counts its first try.
  const began = attempts.length > 0 ? attempts : stats.startTime == null ? [] : [stats];
  return began.map(({ startTime, endTime }, index) => {
    const isLast = index === began.length - 1;
    return {
      engineRunId: run.runId,
      index,
      startedAt: startTime ?? null,
      endedAt: endTime ?? (isLast ? (stats.endTime ?? null) : null),
      state: isLast ? stateOf(run, stats) : "failed",
      engineState: isLast ? (stats.status ?? null) : "FAILURE",
      pid: pidOf(run),
    };
  });
};

/**
 * Every step of a group's runs with all of its tries, in order of its key. A re-execution that leaves a step out leaves
 * it as it was.
 */
export const toStepHistories = (chain: readonly RunWithSteps[]): readonly StepHistory[] => {
  const histories = new Map<string, StepHistory>();
  for (const run of chain) {
    for (const key of stepsOf(run)) {
      const stats = run.stepStats.find(({ stepKey }) => stepKey === key);
      const before = histories.get(key)?.tries ?? [];
      histories.set(key, {
        key,
        state: stateOf(run, stats),
        engineState: stats?.status ?? null,
        tries: [...before, ...triesOf(run, stats)],
      });
    }
  }
  return [...histories.values()].sort((left, right) => (left.key < right.key ? -1 : 1));
};
