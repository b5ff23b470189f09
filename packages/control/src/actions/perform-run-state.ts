import { toRunFacts } from "./facts.ts";
import type { Performer } from "./performer.ts";

/** Marks a run. Applying it again changes nothing. */
export const performRunState: Performer<"run:set_state"> = async ({ dagId, runId, state }, engine, attempt) => {
  const before = attempt.earlier ?? toRunFacts(await engine.getRun({ dagId, runId }, attempt.call()));
  const run = await attempt.send(before, (options) => engine.setRunState({ dagId, runId, state }, options));
  return { before, after: toRunFacts(run), run };
};
