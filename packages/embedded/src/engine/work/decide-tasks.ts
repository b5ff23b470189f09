import type { Plan, Step, TaskState } from "@airfleet/model";

/** How a task stands, as far as it matters to others. */
export interface TaskStanding {
  readonly state: TaskState;
  /** The way that a branch took, once it succeeded. */
  readonly chosen: string | null;
}

/** A task that had no state and gets one. */
export interface TaskDecision {
  readonly step: string;
  readonly to: "scheduled" | "skipped" | "upstream_failed";
}

export interface RunDecision {
  readonly tasks: readonly TaskDecision[];
  /** The run's end, once every task has ended. */
  readonly verdict: "success" | "failed" | null;
}

type Upstream = "success" | "failed" | "skipped" | "pending";

const FAILED: ReadonlySet<TaskState> = new Set(["failed", "upstream_failed"]);
const SKIPPED: ReadonlySet<TaskState> = new Set(["skipped", "removed"]);

/** How the step before looks to one that reads from it: a branch that took another way is as good as skipped. */
const lookUp = (step: Step, from: string, standings: ReadonlyMap<string, TaskStanding>): Upstream => {
  const { state, chosen } = standings.get(from) ?? { state: "none", chosen: null };
  if (FAILED.has(state)) return "failed";
  if (SKIPPED.has(state)) return "skipped";
  if (state !== "success") return "pending";
  const reads = step.inputs.filter((input) => input.step === from);
  return chosen === null || reads.some(({ output }) => output === chosen) ? "success" : "skipped";
};

/**
 * Airflow's `all_success`, which decides as soon as one step before failed or was skipped, or for a step that needs any
 * of its inputs `none_failed_min_one_success`, which waits for all of them.
 */
const decide = (step: Step, standings: ReadonlyMap<string, TaskStanding>): TaskDecision["to"] | null => {
  const before = [...new Set(step.inputs.map((input) => input.step))].map((from) => lookUp(step, from, standings));
  if (before.includes("failed")) return "upstream_failed";
  if (step.needs === "any" && before.length > 0) {
    if (before.includes("pending")) return null;
    return before.includes("success") ? "scheduled" : "skipped";
  }
  if (before.includes("skipped")) return "skipped";
  return before.includes("pending") ? null : "scheduled";
};

const ENDED: ReadonlySet<TaskState> = new Set(["success", "failed", "upstream_failed", "skipped", "removed"]);

/** What follows for a run from how its tasks stand: which go on, which never will, and whether it has ended. Pure. */
export const decideRun = ({ steps }: Plan, standings: ReadonlyMap<string, TaskStanding>): RunDecision => {
  const known = new Map(standings);
  const tasks: TaskDecision[] = [];
  // Steps come after those that they read from, so one walk is enough.
  for (const step of steps) {
    if (known.get(step.id)?.state !== "none") continue;
    const to = decide(step, known);
    if (to === null) continue;
    tasks.push({ step: step.id, to });
    known.set(step.id, { state: to, chosen: null });
  }
  const states = [...known.values()].map(({ state }) => state);
  if (!states.every((state) => ENDED.has(state))) return { tasks, verdict: null };
  const hasFailed = states.some((state) => state === "failed" || state === "upstream_failed");
  return { tasks, verdict: hasFailed ? "failed" : "success" };
};
