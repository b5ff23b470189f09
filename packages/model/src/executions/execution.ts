import type { InstanceId, RunId } from "../ids.ts";
import { toRunId } from "../ids.ts";
import type { RunState } from "../states/run-state.ts";

/**
 * Where an execution of a pipeline stands. `pending` until its run works, also while it waits for its version to be
 * live; `unknown` for what the engine cannot say or has lost. A cancelled one stays cancelled for ever; a success or a
 * failure goes on when its run is cleared.
 */
export const EXECUTION_STATUSES = ["pending", "running", "success", "failed", "cancelled", "unknown"] as const;
export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number];

/** What asked for an execution. */
export const EXECUTION_TRIGGERS = ["manual", "scheduled", "webhook"] as const;
export type ExecutionTrigger = (typeof EXECUTION_TRIGGERS)[number];

/** How a run's state is called where executions are meant. */
export const toExecutionStatus = (state: RunState): ExecutionStatus => {
  switch (state) {
    case "queued":
      return "pending";
    case "lost":
      return "unknown";
    case "running":
    case "success":
    case "failed":
    case "cancelled":
      return state;
    default:
      return state satisfies never;
  }
};

/** The run id of an execution: fixed before anything is asked for, so that its run can be found and fenced. */
export const toExecutionRunId = (execution: string): RunId => toRunId(`execution__${execution}`);

/** What one node of a pipeline did in an execution. */
export interface NodeResult {
  /** Id of the step, which is the task's. */
  readonly step: string;
  readonly node: string | null;
  readonly label: string | null;
  readonly state: string | null;
  readonly tryNumber: number | null;
  readonly rowsIn: number | null;
  readonly rowsOut: number | null;
  /** Of all outputs, as they are stored. */
  readonly bytes: number | null;
  readonly seconds: number | null;
  /** The way that a branch took. */
  readonly chosen: string | null;
}

/** Where an execution is to run: an instance, or one of the pipeline's environments. */
export interface ExecutionPlace {
  readonly instance?: InstanceId;
  readonly environment?: string;
}
