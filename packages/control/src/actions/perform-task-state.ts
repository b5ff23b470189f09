import { toTaskFacts } from "./facts.ts";
import type { Performer } from "./performer.ts";

/** Sets the state of a task instance, or only lets the engine check the request. */
export const performTaskState: Performer<"task:set_state"> = async (intent, engine, attempt) => {
  const { dagId, runId, taskId, mapIndex, state, dryRun } = intent;
  const address = { dagId, runId, taskId, mapIndex };
  const before = attempt.earlier ?? toTaskFacts(await engine.getTaskInstance(address, attempt.call()));
  if (dryRun) {
    await engine.setTaskState({ ...address, state, dryRun }, attempt.call());
    return { before, after: { ...before, state, dry_run: true } };
  }
  await attempt.send(before, (options) => engine.setTaskState({ ...address, state, dryRun }, options));
  return { before, after: toTaskFacts(await engine.getTaskInstance(address, attempt.call())) };
};
