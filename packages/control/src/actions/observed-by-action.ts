import type { RunObservation } from "@airfleet/model";
import type { Outcome } from "./performer.ts";

/**
 * What an action has learned of a run. That we stopped it is told before the reading, so that the run never shows as
 * failed in between.
 *
 * @param at When the reading was begun, by the instance's clock.
 */
export const toObservations = (
  verb: string,
  { run, stopped, gone }: Pick<Outcome, "run" | "stopped" | "gone">,
  at: number,
): readonly RunObservation[] => {
  const source = verb === "run:trigger" ? "trigger" : "action";
  const observations: RunObservation[] = [];
  if (run !== undefined) {
    const { dagId, runId, startedAt } = run;
    if (stopped === true) observations.push({ kind: "stopped", dagId, runId, source, at, startedAt });
    observations.push({ kind: "read", dagId, runId, source, at, run });
  }
  if (gone !== undefined) observations.push({ kind: "gone", ...gone, source, at });
  return observations;
};
