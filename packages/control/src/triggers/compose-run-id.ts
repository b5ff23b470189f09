import { createHash } from "node:crypto";
import { type RunId, slashesToColons, toBase32, toPrefixedRunId } from "@airfleet/model";
import { chooseRunId } from "../actions/run-id.ts";
import type { TriggerAsk } from "./trigger.ts";

interface RunIdFacts {
  readonly actorId: string;
  /** Names the item: the idempotency key, with the item's place in a batch. */
  readonly key: string | undefined;
  /** The time of the intent, epoch milliseconds with a fraction. */
  readonly atMs: number;
  readonly random: Uint8Array;
}

/** Characters of a key's hash in a prefixed id: 40 bits tell the keys of one caller and one instant apart. */
const MARK = 8;

const markOf = (actorId: string, key: string): string =>
  toBase32(
    createHash("sha256")
      .update(JSON.stringify([actorId, key]))
      .digest(),
  ).slice(0, MARK);

/**
 * The run id of an item, the same on every instance it goes to: the caller's own; or prefix and time; or the one of its
 * key; or one by chance.
 *
 * @throws {AirfleetError} RUN_ID_INVALID
 */
export const composeRunId = (
  { runId, runIdPrefix, mapSlashes = false }: Pick<TriggerAsk, "runId" | "runIdPrefix" | "mapSlashes">,
  { actorId, key, atMs, random }: RunIdFacts,
): RunId => {
  if (runId === undefined && runIdPrefix !== undefined) {
    const prefix = mapSlashes ? slashesToColons(runIdPrefix) : runIdPrefix;
    return toPrefixedRunId(prefix, { atMs, ...(key === undefined ? {} : { mark: markOf(actorId, key) }) });
  }
  const asked = { ...(runId === undefined ? {} : { runId }), ...(key === undefined ? {} : { idempotencyKey: key }) };
  return chooseRunId(asked, { actorId, now: atMs, random });
};
