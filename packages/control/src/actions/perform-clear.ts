import { AirfleetError, type RunAddress } from "@airfleet/model";
import type { Engine } from "@airfleet/engine";
import { findClearedTasks, readTaskMarks, type TaskMark, toMarkFacts, toTaskMark } from "./clear-evidence.ts";
import type { Facts } from "./facts.ts";
import { mayHaveArrived } from "./lost-answer.ts";
import type { Attempt, IntentOf, Outcome, Performer } from "./performer.ts";

const readMarks = async (engine: Engine, run: RunAddress, attempt: Attempt): Promise<readonly TaskMark[]> =>
  (await engine.listTaskInstances({ runs: [run] }, attempt.call())).map(toTaskMark);

/** What became of a clear whose answer nobody heard, from the tries of the tasks. */
const judge = async (
  { dagId, runId, taskIds }: IntentOf<"run:clear">,
  before: Facts,
  engine: Engine,
  attempt: Attempt,
): Promise<Outcome> => {
  const now = await readMarks(engine, { dagId, runId }, attempt);
  const cleared = findClearedTasks(readTaskMarks(before), now, taskIds);
  if (cleared.length === 0) throw new AirfleetError("CLEAR_OUTCOME_UNKNOWN", { dag_id: dagId, run_id: runId });
  return { before, after: { dry_run: false, read_back: true, tasks: cleared.map(toMarkFacts) } };
};

const toFacts = (result: Awaited<ReturnType<Engine["clear"]>>): Facts => ({
  dry_run: result.dryRun,
  tasks: result.tasks.map((task) => ({
    task_id: task.taskId,
    map_index: task.mapIndex,
    state_before: task.stateBefore,
  })),
});

const NOTHING_CLEARED = {
  code: "NOTHING_CLEARED",
  message: "No task of the run was in a state to clear, so nothing runs again.",
};

/**
 * Clears tasks of a run, and never sends twice: a second clear would throw away what the first one has restarted.
 * When the answer is lost, or an earlier attempt died after sending, the tries tell; where they do not, the outcome
 * is unknown and said so.
 */
export const performClear: Performer<"run:clear"> = async (intent, engine, attempt) => {
  const { dagId, runId, onlyFailed, taskIds, dryRun } = intent;
  const request = { dagId, runId, onlyFailed, dryRun, ...(taskIds === undefined ? {} : { taskIds }) };
  if (dryRun) return { before: null, after: toFacts(await engine.clear(request, attempt.call())) };
  if (attempt.earlier !== null) return judge(intent, attempt.earlier, engine, attempt);

  const before: Facts = { tasks: (await readMarks(engine, { dagId, runId }, attempt)).map(toMarkFacts) };
  try {
    const result = await attempt.send(before, (options) => engine.clear(request, options));
    return { before, after: toFacts(result), warnings: result.tasks.length === 0 ? [NOTHING_CLEARED] : [] };
  } catch (error) {
    if (!mayHaveArrived(error)) throw error;
    return judge(intent, before, engine, attempt);
  }
};
