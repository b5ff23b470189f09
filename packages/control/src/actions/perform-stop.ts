import type { Engine } from "@airfleet/engine";
import { isTerminalRunState, type Run, type RunAddress, type TaskInstance } from "@airfleet/model";
import { countStates, type Facts, toRunFacts, toTaskFacts } from "./facts.ts";
import type { Attempt, Outcome, Performer } from "./performer.ts";

const FIRST_LOOK_MS = 250;
const LAST_LOOK_MS = 2_000;
/** Time kept for writing the outcome down. */
const RESERVE_MS = 500;

const isUnderWay = ({ state }: TaskInstance): boolean => state === "running" || state === "restarting";

/** Reads the tasks until none runs or the attempt's time is nearly over; answers them as last read. */
const awaitQuietTasks = async (engine: Engine, run: RunAddress, attempt: Attempt): Promise<readonly TaskInstance[]> => {
  for (let waitMs = FIRST_LOOK_MS; ; waitMs = Math.min(LAST_LOOK_MS, waitMs * 2)) {
    const tasks = await engine.listTaskInstances({ runs: [run] }, attempt.call());
    if (!tasks.some(isUnderWay) || attempt.remainingMs() < waitMs + RESERVE_MS) return tasks;
    await attempt.pause(waitMs);
  }
};

/** A run that failed because we said so is one that we cancelled; Airflow has no other word for it. */
const toStoppedRun = (run: Run): Run => (run.state === "failed" ? { ...run, state: "cancelled" } : run);

const toOutcome = (before: Facts, run: Run, tasks: readonly TaskInstance[]): Outcome => {
  const underWay = tasks.filter(isUnderWay);
  return {
    before,
    after: { ...toRunFacts(toStoppedRun(run)), tasks: countStates(tasks), still_running: underWay.map(toTaskFacts) },
    run,
    ...(run.state === "failed" ? { stopped: true } : {}),
    warnings:
      underWay.length === 0
        ? []
        : [
            {
              code: "TASKS_STILL_RUNNING",
              message: `${underWay.length} tasks of the run had not ended when we last looked.`,
            },
          ],
  };
};

/**
 * Stops a run: fails it through the engine, and reads back until no task is left running. A run that ended before we
 * came keeps its state, since failing it now would only falsify its result.
 */
export const performStop: Performer<"run:stop"> = async ({ dagId, runId }, engine, attempt) => {
  const address = { dagId, runId };
  const found = await engine.getRun(address, attempt.call());
  const ended = isTerminalRunState(found.state);
  if (ended && attempt.earlier === null) {
    const warning = { code: "RUN_FINISHED_ALREADY", message: `The run had ended before: ${found.state}.` };
    return { before: toRunFacts(found), after: toRunFacts(found), run: found, warnings: [warning] };
  }
  const before = attempt.earlier ?? toRunFacts(found);
  const stopped = ended
    ? found
    : await attempt.send(before, (options) => engine.setRunState({ ...address, state: "failed" }, options));
  return toOutcome(before, stopped, await awaitQuietTasks(engine, address, attempt));
};
