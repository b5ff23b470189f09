/**
 * Where a run stands, in our words.
 *
 * `queued` waits for the engine, `running` has started, `success` and `failed` are the engine's own verdicts.
 * `cancelled` was stopped by us (Airflow itself calls it failed) or by Dagster's cancel. `lost` was not finished when
 * the engine no longer had it.
 *
 * Who may leave a state: `queued` and `running` go anywhere. A terminal state is left only for `queued` or `running`,
 * by a clear or a rerun that was read from the engine after the end (Airflow reuses the run id), or for another
 * terminal state when somebody marks the run by hand.
 */
export const RUN_STATES = ["queued", "running", "success", "failed", "cancelled", "lost"] as const;
export type RunState = (typeof RUN_STATES)[number];

/** States that end a run. */
export const TERMINAL_RUN_STATES = ["success", "failed", "cancelled", "lost"] as const satisfies readonly RunState[];

const terminal: ReadonlySet<RunState> = new Set(TERMINAL_RUN_STATES);

/** Whether nothing more will happen to the run unless somebody clears or reruns it. */
export const isTerminalRunState = (state: RunState): boolean => terminal.has(state);

const LEAVING = {
  queued: ["queued", "running", "success", "failed", "cancelled", "lost"],
  running: ["queued", "running", "success", "failed", "cancelled", "lost"],
  success: ["success", "queued", "running", "failed"],
  failed: ["failed", "queued", "running", "success", "cancelled"],
  cancelled: ["cancelled", "queued", "running", "success"],
  lost: ["lost", "queued", "running", "success", "failed"],
} as const satisfies Record<RunState, readonly RunState[]>;

/** Whether a reading of `to` may follow a stored `from`. */
export const canRunMove = (from: RunState, to: RunState): boolean =>
  (LEAVING[from] as readonly RunState[]).includes(to);

/**
 * Airflow's run state in our words. Airflow 2 and 3 know `queued running success failed` only; an unknown word of a
 * newer release counts as running, so that we go on looking.
 */
export const fromAirflowRunState = (engineState: string): RunState => {
  switch (engineState) {
    case "queued":
    case "running":
    case "success":
    case "failed":
      return engineState;
    default:
      return "running";
  }
};
