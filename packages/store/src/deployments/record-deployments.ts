import type { DagId, DeploymentState, InstanceId } from "@airfleet/model";
import type { Selectable, Transaction } from "kysely";
import { appendAudit } from "../audit/audit.ts";
import type { StoreContext } from "../context.ts";
import type { DocumentAuthor } from "../documents/document-repository.ts";
import type { Database } from "../schema.ts";
import { textsFromJson } from "../text/stored-json.ts";
import { toStorableText } from "../text/storable-text.ts";
import { changeRow, tellOf } from "./change-deployment.ts";
import type { NewArtifact, NewDeployment, StoredDeployment } from "./deployment-repository.ts";
import { NO_PROGRESS, toDeployment } from "./deployment-row.ts";
import type { DeploymentTable } from "./deployment-tables.ts";

type Trx = Transaction<Database>;

/** States in which a deployment has nothing on the instance yet, or not for sure. */
const UNDER_WAY: readonly DeploymentState[] = ["pending", "written", "parsed", "live", "broken", "removing"];

const SERVED: readonly DeploymentState[] = ["live", "triggerable", "unverified"];

/** Another one was first with the same generation; done again, ours comes after it. */
class BeatenError extends Error {
  readonly code = "40001";
}

const keepArtifact = async (trx: Trx, { clock }: StoreContext, artifact: NewArtifact): Promise<void> => {
  await trx
    .insertInto("artifacts")
    .values({
      id: artifact.id,
      kind: artifact.kind,
      pipeline_id: artifact.pipelineId,
      pipeline_name: toStorableText(artifact.pipelineName),
      revision: artifact.revision,
      plan_hash: artifact.planHash,
      hash: artifact.hash,
      dag_id: artifact.dagId,
      file_name: artifact.fileName,
      body: artifact.body,
      lines: JSON.stringify(artifact.lines),
      task_ids: JSON.stringify(artifact.taskIds),
      runtime: artifact.runtime,
      created_at: clock(),
    })
    .onConflict((conflict) => conflict.column("id").doNothing())
    .execute();
};

/** The newest of a DAG there, held so that two that come at once are one after the other. */
const holdNewest = async (
  trx: Trx,
  { profile }: StoreContext,
  { instance, dagId }: { readonly instance: InstanceId; readonly dagId: DagId },
): Promise<StoredDeployment | undefined> => {
  const row = await trx
    .selectFrom("deployments")
    .selectAll()
    .where("instance_id", "=", instance)
    .where("dag_id", "=", dagId)
    .orderBy("generation", "desc")
    .limit(1)
    .modifyEnd(profile.forUpdate)
    .executeTakeFirst();
  return row === undefined ? undefined : toDeployment(row);
};

const sameTasks = (left: readonly string[], right: readonly string[]): boolean =>
  left.length === right.length && left.toSorted().join("\n") === right.toSorted().join("\n");

const noteRequest = async (
  trx: Trx,
  context: StoreContext,
  deployment: StoredDeployment,
  { verb, author }: { readonly verb: string; readonly author: DocumentAuthor },
): Promise<void> => {
  const { id, pipelineId, revision, artifactHash, instance, dagId, origin } = deployment;
  await appendAudit(trx, context, [
    {
      actor: author.actor,
      verb,
      outcome: "requested",
      instance,
      dagId,
      details: { deployment: id, pipeline: pipelineId, revision, artifact_hash: artifactHash, origin },
      sourceIp: author.sourceIp ?? null,
      requestId: author.requestId ?? null,
    },
  ]);
};

const recordOne = async (
  trx: Trx,
  context: StoreContext,
  { artifact, instance, origin }: NewDeployment,
  author: DocumentAuthor,
): Promise<StoredDeployment> => {
  const { newId, clock } = context;
  await keepArtifact(trx, context, artifact);
  const before = await holdNewest(trx, context, { instance, dagId: artifact.dagId });
  const isThere = before !== undefined && before.state !== "removed";
  const wasServed = before !== undefined && SERVED.some((state) => before.stateTimes[state] !== undefined);
  // What was replaced before it was served leaves the engine with what was there before it.
  const isNew = !isThere || (before.isNew && !wasServed);
  const inheritsChange = isThere && before.tasksChanged && before.state !== "triggerable";
  const old = isThere
    ? await trx.selectFrom("artifacts").select("task_ids").where("id", "=", before.artifactId).executeTakeFirst()
    : undefined;
  const now = clock();
  const row: Selectable<DeploymentTable> = {
    id: newId("dpl"),
    pipeline_id: artifact.pipelineId,
    revision: artifact.revision,
    plan_hash: artifact.planHash,
    artifact_id: artifact.id,
    artifact_hash: artifact.hash,
    instance_id: instance,
    dag_id: artifact.dagId,
    generation: (before?.generation ?? 0) + 1,
    state: "pending",
    origin,
    requested_by: toStorableText(author.actor),
    is_new: isNew ? 1 : 0,
    tasks_changed:
      inheritsChange || (old !== undefined && !sameTasks(textsFromJson(old.task_ids), artifact.taskIds)) ? 1 : 0,
    state_times: JSON.stringify({ pending: now }),
    error: null,
    target: null,
    target_revision: null,
    progress: JSON.stringify(NO_PROGRESS),
    due_at: now,
    row_version: 1,
    created_at: now,
    changed_at: now,
  };
  const written = await trx
    .insertInto("deployments")
    .values(row)
    .onConflict((conflict) => conflict.columns(["instance_id", "dag_id", "generation"]).doNothing())
    .returning("id")
    .executeTakeFirst();
  if (written === undefined) throw new BeatenError();
  if (before !== undefined && UNDER_WAY.includes(before.state)) {
    await changeRow(trx, context, before, { state: "superseded", dueAt: null });
  }
  const deployment = toDeployment(row);
  await noteRequest(trx, context, deployment, { verb: `deployment:${origin}`, author });
  await tellOf(trx, context, deployment);
  return deployment;
};

export const recordDeployments = (
  context: StoreContext,
  deployments: readonly NewDeployment[],
  author: DocumentAuthor,
): Promise<readonly StoredDeployment[]> =>
  context.db.transaction().execute(async (trx) => {
    const recorded: StoredDeployment[] = [];
    for (const deployment of deployments) recorded.push(await recordOne(trx, context, deployment, author));
    return recorded;
  });

export const recordRemoval = (
  context: StoreContext,
  place: { readonly instance: InstanceId; readonly dagId: DagId },
  author: DocumentAuthor,
): Promise<StoredDeployment | undefined> =>
  context.db.transaction().execute(async (trx) => {
    const before = await holdNewest(trx, context, place);
    if (before === undefined || before.state === "removed") return undefined;
    if (before.state === "removing") return before;
    const removing = await changeRow(trx, context, before, {
      state: "removing",
      error: null,
      progress: NO_PROGRESS,
      dueAt: context.clock(),
    });
    if (removing === undefined) return undefined;
    await noteRequest(trx, context, removing, { verb: "deployment:remove", author });
    return removing;
  });
