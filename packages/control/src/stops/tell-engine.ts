import { isTerminalRunState, isTerminalTaskState, type Run, type TaskInstance } from "@airfleet/model";
import type { StopAttempt, StopState } from "./stop-ports.ts";
import { areEnded, joinSnapshot } from "./task-snapshot.ts";

/** Tasks that the engine leaves alone when a run is failed: its teardown, and with it the run. */
const endTeardown = async (tasks: readonly TaskInstance[], { engine, attempt }: StopAttempt): Promise<void> => {
  for (const { dagId, runId, taskId, mapIndex, state } of tasks) {
    if (isTerminalTaskState(state)) continue;
    const wanted = state === "running" ? "failed" : "skipped";
    await engine.setTaskState({ dagId, runId, taskId, mapIndex, state: wanted, dryRun: false }, attempt.call());
  }
};

const fail = async (state: StopState, stopAttempt: StopAttempt): Promise<StopState> => {
  const { engine, attempt, intent, ports } = stopAttempt;
  const { dagId, runId } = intent;
  const address = { dagId, runId };
  const failed = { ...address, state: "failed" } as const;
  const readTasks = (): Promise<readonly TaskInstance[]> =>
    engine.listTaskInstances({ runs: [address] }, attempt.call());
  let run: Run = await attempt.send(state.before, (options) => engine.setRunState(failed, options));
  const stoppedAt = ports.clock.now();
  let tasks = await readTasks();
  if (intent.teardown === true && !isTerminalRunState(run.state)) {
    await endTeardown(tasks, stopAttempt);
    run = await attempt.send(state.before, (options) => engine.setRunState(failed, options));
    tasks = await readTasks();
  }
  const { waitMs } = ports.terms(intent);
  const change = {
    stage: "settling",
    runStartedAt: run.startedAt,
    stoppedAt: state.stop.stoppedAt ?? stoppedAt,
    until: state.stop.stoppedAt === null ? stoppedAt + waitMs : state.stop.until,
    // Until the engine was told, nothing was to end: silence counts from here.
    tasks: joinSnapshot(state.stop.tasks, tasks, stoppedAt).map((task) =>
      isTerminalTaskState(task.stateBefore) ? task : { ...task, lastSignAt: stoppedAt },
    ),
  } as const;
  await ports.stops.change(state.stop.actionId, change);
  return { ...state, run, tasks, stop: { ...state.stop, ...change } };
};

/** Whether somebody has made it run anew since we stopped it: a clear, or a mark by hand. */
const runsAnew = ({ run, stop }: StopState): boolean =>
  run !== null && !isTerminalRunState(run.state) && (run.state === "queued" || run.startedAt !== stop.runStartedAt);

/** Tells the engine to fail the run where that is still to be done, and notes when the engine calls everything ended. */
export const tellEngine = async (state: StopState, stopAttempt: StopAttempt): Promise<StopState> => {
  const { stop } = state;
  if (stop.stage === "sending") return settle(await fail(state, stopAttempt), stopAttempt);
  if (stop.stage !== "settling") return state;
  const isOurs = stop.stoppedAt !== null;
  return settle(isOurs && runsAnew(state) ? await fail(state, stopAttempt) : state, stopAttempt);
};

const settle = async (state: StopState, { ports }: StopAttempt): Promise<StopState> => {
  const { run, tasks, stop } = state;
  const isQuiet = (run === null || isTerminalRunState(run.state)) && areEnded(tasks ?? []);
  if (!isQuiet || stop.stage !== "settling") return state;
  await ports.stops.change(stop.actionId, { stage: "waiting" });
  return { ...state, stop: { ...stop, stage: "waiting" } };
};
