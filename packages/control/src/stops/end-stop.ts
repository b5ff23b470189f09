import { AirfleetError, isAirfleetError, isTerminalRunState, type Run, type TaskInstance } from "@airfleet/model";
import { countStates, type Facts, toRunFacts, toTaskFacts } from "../actions/facts.ts";
import { mayHaveArrived } from "../actions/lost-answer.ts";
import type { Outcome } from "../actions/performer.ts";
import { nextLookMs } from "./look-at-processes.ts";
import { countGone, describeProcess, processGone, toStopFacts } from "./stop-facts.ts";
import type { StopAttempt, StopState } from "./stop-ports.ts";
import { isUnderWay } from "./task-snapshot.ts";

export type { StopState } from "./stop-ports.ts";

/** A run that failed because we said so is one that we cancelled; Airflow has no other word for it. */
const toStoppedRun = (run: Run): Run => (run.state === "failed" ? { ...run, state: "cancelled" } : run);

const observed = ({ run, stop }: StopState): Pick<Outcome, "run" | "stopped"> => {
  if (run === null) return {};
  const isOurs = stop.stoppedAt !== null && run.startedAt === stop.runStartedAt;
  return { run, ...(isOurs ? { stopped: true } : {}) };
};

const toAfter = ({ run, tasks, stop }: StopState): Facts => {
  const facts = run === null ? {} : toRunFacts(stop.stoppedAt === null ? run : toStoppedRun(run));
  const all: readonly TaskInstance[] = tasks ?? [];
  return {
    ...facts,
    tasks: countStates(all),
    still_running: all.filter(isUnderWay).map(toTaskFacts),
    ...toStopFacts(stop),
  };
};

/** Deletes the engine's run; one that is gone after we asked for it is one that we deleted. */
const deleteRun = async (state: StopState, { engine, attempt, intent, ports }: StopAttempt): Promise<void> => {
  const { dagId, runId } = intent;
  await ports.stops.change(state.stop.actionId, { stage: "deleting" });
  try {
    await attempt.send(state.before, (options) => engine.deleteRun({ dagId, runId }, options));
  } catch (error) {
    if (!isAirfleetError(error, "RUN_UNKNOWN") && !mayHaveArrived(error)) throw error;
  }
  try {
    await engine.getRun({ dagId, runId }, attempt.call());
  } catch (error) {
    if (isAirfleetError(error, "RUN_UNKNOWN", "DAG_UNKNOWN")) return;
    throw error;
  }
  throw new AirfleetError("RUN_NOT_DELETED", { run_id: runId, dag_id: dagId, instance: engine.instance });
};

const finish = async (state: StopState, stopAttempt: StopAttempt): Promise<Outcome> => {
  const { intent, ports } = stopAttempt;
  const { dagId, runId } = intent;
  const isToGo = intent.delete === true;
  const deletedAt = isToGo ? (state.stop.deletedAt ?? ports.clock.now()) : null;
  if (isToGo && state.run !== null) await deleteRun(state, stopAttempt);
  const change = { stage: "ended", deletedAt } as const;
  await ports.stops.change(state.stop.actionId, change);
  const ended: StopState = { ...state, stop: { ...state.stop, ...change } };
  const { presumed } = countGone(state.stop.tasks);
  const isOurs = state.stop.stoppedAt !== null;
  return {
    before: state.before,
    after: toAfter(isToGo ? { ...ended, run: null } : ended),
    ...observed(ended),
    ...(isToGo || state.run === null ? { gone: { dagId, runId } } : {}),
    warnings: [
      ...(isOurs ? [] : [{ code: "RUN_FINISHED_ALREADY", message: "The run had ended before it was to be stopped." }]),
      ...(presumed === 0
        ? []
        : [
            {
              code: "PROCESSES_PRESUMED_GONE",
              message: `${presumed} of ${state.stop.tasks.length} processes gave no sign of life, and none of their end.`,
            },
          ]),
    ],
  };
};

/** The bound is over: the stop has failed, and says for which processes. */
export const giveUp = async (state: StopState, { intent, ports }: StopAttempt): Promise<Outcome> => {
  const { instance, dagId, runId } = intent;
  const { stop, tasks } = state;
  await ports.stops.change(stop.actionId, { stage: "ended" });
  const open = stop.tasks.filter((task) => processGone(task) === "alive").map(describeProcess);
  const running = (tasks ?? []).filter(isUnderWay).map(({ taskId }) => taskId as string);
  const named = open.length > 0 ? open : running.length > 0 ? running : ["the run itself, which has not ended"];
  return {
    before: state.before,
    after: toAfter({ ...state, stop: { ...stop, stage: "ended" } }),
    ...observed(state),
    failure: new AirfleetError("RUN_STOP_UNCONFIRMED", {
      run_id: runId,
      dag_id: dagId,
      instance,
      seconds: Math.round((stop.until - (stop.stoppedAt ?? stop.begunAt)) / 1_000),
      tasks: named.join(", "),
    }),
  };
};

/** The run as it is at the end of all waiting: somebody may have made it run again meanwhile. */
const readLast = async (state: StopState, { engine, attempt, intent }: StopAttempt): Promise<StopState> => {
  if (state.run !== null || state.tasks !== null) return state;
  const address = { dagId: intent.dagId, runId: intent.runId };
  try {
    const [run, tasks] = await Promise.all([
      engine.getRun(address, attempt.call()),
      engine.listTaskInstances({ runs: [address] }, attempt.call()),
    ]);
    return { ...state, run, tasks };
  } catch (error) {
    if (isAirfleetError(error, "RUN_UNKNOWN", "DAG_UNKNOWN")) return { ...state, run: null, tasks: [] };
    throw error;
  }
};

/** Ends a stop whose processes are all gone, gives one up whose time is over, and says when to look again at the others. */
export const endStop = async (state: StopState, stopAttempt: StopAttempt): Promise<Outcome> => {
  const { ports } = stopAttempt;
  const { stop } = state;
  const now = ports.clock.now();
  const areGone = stop.tasks.every(({ gone }) => gone !== null);
  // Ended, and its outcome not written down: whoever did it died in between, so its last step is done again.
  const hasEnded = stop.stage === "ended";
  const isOver = stop.stage === "deleting" || (areGone && (hasEnded || stop.stage === "waiting"));
  if (isOver) {
    const last = await readLast(state, stopAttempt);
    const runsAgain = last.run !== null && !isTerminalRunState(last.run.state);
    if (!runsAgain) return finish(last, stopAttempt);
    await ports.stops.change(stop.actionId, { stage: "settling" });
  }
  if ((hasEnded && !isOver) || now >= stop.until) return giveUp(await readLast(state, stopAttempt), stopAttempt);
  return {
    before: state.before,
    after: null,
    ...observed(state),
    again: { afterMs: Math.min(nextLookMs(now - (stop.stoppedAt ?? stop.begunAt)), Math.max(1, stop.until - now)) },
  };
};
