import type { Transaction } from "kysely";
import { appendAudit } from "../audit/audit.ts";
import type { AuditOutcome } from "../audit/audit-entry.ts";
import type { StoreContext } from "../context.ts";
import { appendEvents } from "../events/events.ts";
import type { Database } from "../schema.ts";
import { toStorableOrNull } from "../text/storable-text.ts";
import type { DeploymentChange, StoredDeployment } from "./deployment-repository.ts";
import { toDeployment } from "./deployment-row.ts";

type Trx = Transaction<Database>;

/** What a state means to whoever reads the trail; the others are on the way. */
const OUTCOMES: Readonly<Partial<Record<StoredDeployment["state"], AuditOutcome>>> = {
  triggerable: "done",
  removed: "done",
  unverified: "unknown",
  broken: "failed",
  failed: "failed",
};

/** Tells listeners how a deployment stands. */
export const tellOf = async (trx: Trx, context: StoreContext, deployment: StoredDeployment): Promise<void> => {
  const { id, pipelineId, revision, artifactHash, instance, dagId, state, origin, error } = deployment;
  const payload = {
    id,
    pipeline_id: pipelineId,
    revision,
    artifact_hash: artifactHash,
    state,
    origin,
    ...(error === null ? {} : { error: { ...error } }),
  };
  const kind = state === "pending" ? "deployment.recorded" : "deployment.changed";
  await appendEvents(trx, context, [{ kind, instance, dagId, payload }]);
};

/** Writes a change over the row that was read. @returns undefined when it has changed since */
export const changeRow = async (
  trx: Trx,
  context: StoreContext,
  deployment: StoredDeployment,
  { state, error, target, targetRevision, progress, dueAt }: DeploymentChange,
): Promise<StoredDeployment | undefined> => {
  const now = context.clock();
  const isNewState = state !== undefined && state !== deployment.state;
  const row = await trx
    .updateTable("deployments")
    .set({
      ...(isNewState ? { state, state_times: JSON.stringify({ ...deployment.stateTimes, [state]: now }) } : {}),
      ...(error === undefined ? {} : { error: error === null ? null : toStorableOrNull(JSON.stringify(error)) }),
      ...(target === undefined ? {} : { target: toStorableOrNull(target) }),
      ...(targetRevision === undefined ? {} : { target_revision: toStorableOrNull(targetRevision) }),
      ...(progress === undefined ? {} : { progress: JSON.stringify(progress) }),
      ...(dueAt === undefined ? {} : { due_at: dueAt }),
      row_version: deployment.rowVersion + 1,
      changed_at: now,
    })
    .where("id", "=", deployment.id)
    .where("row_version", "=", deployment.rowVersion)
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const changed = toDeployment(row);
  const isToldError = error !== undefined && error?.code !== deployment.error?.code;
  if (isNewState || isToldError) await tellOf(trx, context, changed);
  const outcome = isNewState ? OUTCOMES[state] : undefined;
  if (outcome !== undefined) {
    const { id, pipelineId, revision, instance, dagId, artifactHash } = changed;
    const details = {
      deployment: id,
      pipeline: pipelineId,
      revision,
      artifact_hash: artifactHash,
      state: changed.state,
      ...(changed.error === null ? {} : { error: { ...changed.error } }),
    };
    await appendAudit(trx, context, [
      { actor: "system", verb: "deployment:settle", outcome, instance, dagId, details },
    ]);
  }
  return changed;
};
