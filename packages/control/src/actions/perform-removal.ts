import { AirfleetError, isAirfleetError } from "@airfleet/model";
import { type Facts, toConfigFacts, toDagFacts } from "./facts.ts";
import { mayHaveArrived } from "./lost-answer.ts";
import type { Performer } from "./performer.ts";

const GONE: Facts = { deleted: true };

/**
 * Deletes what the engine remembers of a DAG. It is not read back: a DAG whose file is still there is back with the next
 * parse, without a past.
 */
export const performDagDelete: Performer<"dag:delete"> = async ({ dagId }, engine, attempt) => {
  let before = attempt.earlier;
  try {
    before ??= toDagFacts(await engine.getDag(dagId, attempt.call()));
    await attempt.send(before, (options) => engine.deleteDag(dagId, options));
  } catch (error) {
    // Gone after an earlier attempt had asked for it: that one has done it.
    if (attempt.earlier === null || !isAirfleetError(error, "DAG_UNKNOWN")) throw error;
  }
  return { before, after: GONE };
};

/** Deletes a variable, connection or pool, and believes it only when it is read back. */
export const performConfigDelete: Performer<"config:delete"> = async ({ kind, key }, engine, attempt) => {
  const read = async (): Promise<Facts | null> => {
    const entry = (await engine.listConfig(kind, attempt.call())).find((one) => one.key === key);
    return entry === undefined ? null : toConfigFacts(entry);
  };
  const before = attempt.earlier ?? (await read());
  const unknown = new AirfleetError("CONFIG_ENTRY_UNKNOWN", { kind, key, instance: engine.instance });
  if (before === null) throw unknown;
  try {
    await attempt.send(before, (options) => engine.deleteConfig(kind, key, options));
  } catch (error) {
    if (!isAirfleetError(error, "CONFIG_ENTRY_UNKNOWN") && !mayHaveArrived(error)) throw error;
    if ((await read()) !== null) throw error;
  }
  return { before, after: GONE };
};
