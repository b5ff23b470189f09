import { createHash } from "node:crypto";
import { checkNewRunId, type RunId, toBase32, toRunId } from "@airfleet/model";

const PREFIX = "airfleet__";
/**
 * The run id that an idempotency key stands for. The key itself never leaves us, and the caller is part of it, so that
 * two callers with the same key do not meet. It is the same on every instance, for keys that span the fleet.
 */
export const runIdOfKey = (actorId: string, key: string): RunId =>
  toRunId(
    PREFIX +
      toBase32(
        createHash("sha256")
          .update(JSON.stringify([actorId, key]))
          .digest(),
      ),
  );

/**
 * The id of a run that is asked for: the caller's own, else the one of its idempotency key, else one that says when it
 * was asked for.
 *
 * @param now Epoch milliseconds.
 * @param random 6 bytes, for two triggers in the same millisecond.
 * @throws {AirfleetError} RUN_ID_INVALID
 */
export const chooseRunId = (
  request: { readonly runId?: string; readonly idempotencyKey?: string },
  { actorId, now, random }: { readonly actorId: string; readonly now: number; readonly random: Uint8Array },
): RunId => {
  if (request.runId !== undefined) return checkNewRunId(request.runId);
  if (request.idempotencyKey !== undefined) return runIdOfKey(actorId, request.idempotencyKey);
  return toRunId(`${PREFIX}${new Date(now).toISOString()}_${toBase32(random)}`);
};
