import { AirfleetError, type Dag } from "@airfleet/model";
import type { ActionWarning } from "./action.ts";
import { toDagFacts } from "./facts.ts";
import type { Performer } from "./performer.ts";

/** Airflow loses 0.1 to 1 % of rapid flips; losing three in a row means that somebody else holds the switch. */
const TRIES = 3;

const warningsOf = (before: Dag, after: Dag): readonly ActionWarning[] =>
  before.isPaused && !after.isPaused && after.schedule !== null
    ? [
        {
          code: "UNPAUSE_STARTS_RUN",
          message: `DAG "${after.dagId}" has a schedule: unpausing it starts the last closed interval at once, also with catchup off.`,
        },
      ]
    : [];

/** Pauses or unpauses one DAG, and believes it only when it is read back. */
export const performPause: Performer<"dag:pause"> = async ({ dagId, instance, paused }, engine, attempt) => {
  const found = await engine.getDag(dagId, attempt.call());
  const before = attempt.earlier ?? toDagFacts(found);
  for (let tried = 1; tried <= TRIES; tried += 1) {
    await attempt.send(before, (options) => engine.setPaused(dagId, paused, options));
    const after = await engine.getDag(dagId, attempt.call());
    if (after.isPaused === paused) {
      return { before, after: toDagFacts(after), warnings: warningsOf(found, after), dag: after };
    }
  }
  throw new AirfleetError("PAUSE_NOT_KEPT", { dag_id: dagId, instance, wanted: paused ? "paused" : "unpaused" });
};
