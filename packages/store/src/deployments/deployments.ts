import { type InstanceId, toInstanceId } from "@airfleet/model";
import { sql } from "kysely";
import { retryConflict } from "../backend/retry-conflict.ts";
import type { StoreContext } from "../context.ts";
import { fromCursor, toCursor, toPage } from "../paging/cursor.ts";
import { objectFromJson } from "../text/stored-json.ts";
import { changeRow } from "./change-deployment.ts";
import type { DeploymentRepository } from "./deployment-repository.ts";
import { toArtifact, toDeployment } from "./deployment-row.ts";
import { recordDeployments, recordRemoval } from "./record-deployments.ts";

/** States of what is, or may be, in the target. */
const IN_PLACE = ["pending", "written", "parsed", "live", "triggerable", "broken", "unverified", "failed"] as const;
/** Until a newer file has been written, these stand for what the engine serves. */
const SERVED = ["live", "triggerable", "unverified"] as const;
const CHUNK = 500;

export const createDeploymentRepository = (context: StoreContext): DeploymentRepository => {
  const { db, clock } = context;

  return {
    async keepRuntime({ name, files }) {
      await db
        .insertInto("runtimes")
        .values({ name, files: JSON.stringify(files), created_at: clock() })
        .onConflict((conflict) => conflict.column("name").doNothing())
        .execute();
    },

    async runtime(name) {
      const row = await db.selectFrom("runtimes").selectAll().where("name", "=", name).executeTakeFirst();
      return row === undefined ? undefined : { name, files: objectFromJson(row.files) as Record<string, string> };
    },

    async artifact(id) {
      const row = await db.selectFrom("artifacts").selectAll().where("id", "=", id).executeTakeFirst();
      return row === undefined ? undefined : toArtifact(row);
    },

    async artifacts(ids) {
      const wanted = [...new Set(ids)];
      const found = new Map<string, ReturnType<typeof toArtifact>>();
      for (let at = 0; at < wanted.length; at += CHUNK) {
        const part = wanted.slice(at, at + CHUNK);
        const rows = await db.selectFrom("artifacts").selectAll().where("id", "in", part).execute();
        for (const row of rows) found.set(row.id, toArtifact(row));
      }
      return found;
    },

    record: (deployments, author) => retryConflict(() => recordDeployments(context, deployments, author)),
    recordRemoval: (place, author) => retryConflict(() => recordRemoval(context, place, author)),

    async find(id) {
      const row = await db.selectFrom("deployments").selectAll().where("id", "=", id).executeTakeFirst();
      return row === undefined ? undefined : toDeployment(row);
    },

    async newest(instance, dagId) {
      const row = await db
        .selectFrom("deployments")
        .selectAll()
        .where("instance_id", "=", instance)
        .where("dag_id", "=", dagId)
        .orderBy("generation", "desc")
        .limit(1)
        .executeTakeFirst();
      return row === undefined ? undefined : toDeployment(row);
    },

    async before({ instance, dagId, generation, artifactId }) {
      const row = await db
        .selectFrom("deployments")
        .selectAll()
        .where("instance_id", "=", instance)
        .where("dag_id", "=", dagId)
        .where("generation", "<", generation)
        .where("artifact_id", "!=", artifactId)
        .where((eb) =>
          eb.or([
            eb("state_times", "like", '%"live"%'),
            eb("state_times", "like", '%"unverified"%'),
            eb("state_times", "like", '%"triggerable"%'),
          ]),
        )
        .orderBy("generation", "desc")
        .limit(1)
        .executeTakeFirst();
      return row === undefined ? undefined : toDeployment(row);
    },

    async list({ limit, after, ...filter }) {
      const { pipelineId, instances, states, dagId, isCurrent } = filter;
      const [id] = after === undefined ? [] : fromCursor("deployments", filter, ["string"], after);
      if (instances?.length === 0 || states?.length === 0) return { items: [], next: null };
      let rows = db
        .selectFrom("deployments")
        .selectAll()
        .orderBy("id", "desc")
        .limit(limit + 1);
      if (pipelineId !== undefined) rows = rows.where("pipeline_id", "=", pipelineId);
      if (instances !== undefined) rows = rows.where("instance_id", "in", instances);
      if (states !== undefined) rows = rows.where("state", "in", states);
      if (dagId !== undefined) rows = rows.where("dag_id", "=", dagId);
      if (id !== undefined) rows = rows.where("id", "<", String(id));
      if (isCurrent === true) {
        rows = rows.where((eb) =>
          eb.not(
            eb.exists(
              eb
                .selectFrom("deployments as newer")
                .select(sql.lit(1).as("one"))
                .whereRef("newer.instance_id", "=", "deployments.instance_id")
                .whereRef("newer.dag_id", "=", "deployments.dag_id")
                .whereRef("newer.generation", ">", "deployments.generation"),
            ),
          ),
        );
      }
      return toPage(await rows.execute(), limit, {
        item: toDeployment,
        cursor: (last) => toCursor("deployments", filter, [last.id]),
      });
    },

    async due(at) {
      const rows = await db
        .selectFrom("deployments")
        .select((eb) => ["instance_id", eb.fn.min("due_at").as("due_at")])
        .where("due_at", "is not", null)
        .groupBy("instance_id")
        .execute();
      const times = rows.map(({ instance_id: id, due_at }) => ({ id: toInstanceId(id), at: Number(due_at) }));
      const later = times.filter((time) => time.at > at).map((time) => time.at);
      return {
        instances: times.filter((time) => time.at <= at).map(({ id }) => id),
        next: later.length === 0 ? null : Math.min(...later),
      };
    },

    async open(instance, at, limit) {
      const rows = await db
        .selectFrom("deployments")
        .selectAll()
        .where("instance_id", "=", instance)
        .where("due_at", "<=", at)
        .orderBy("due_at")
        .orderBy("id")
        .limit(limit)
        .execute();
      return rows.map(toDeployment);
    },

    async usedRuntimes(instance, after) {
      const rows = await db
        .selectFrom("deployments")
        .innerJoin("artifacts", "artifacts.id", "deployments.artifact_id")
        .select("artifacts.runtime")
        .distinct()
        .where("deployments.instance_id", "=", instance)
        .where((eb) => eb.or([eb("deployments.state", "in", IN_PLACE), eb("deployments.changed_at", ">", after)]))
        .where("artifacts.runtime", "is not", null)
        .execute();
      return rows.flatMap(({ runtime }) => (runtime === null ? [] : [runtime]));
    },

    async supersedeBefore({ instance, dagId, generation }) {
      await db.transaction().execute(async (trx) => {
        const rows = await trx
          .selectFrom("deployments")
          .selectAll()
          .where("instance_id", "=", instance)
          .where("dag_id", "=", dagId)
          .where("generation", "<", generation)
          .where("state", "in", SERVED)
          .execute();
        for (const row of rows) {
          await changeRow(trx, context, toDeployment(row), { state: "superseded", dueAt: null });
        }
      });
    },

    change: (deployment, change) => db.transaction().execute((trx) => changeRow(trx, context, deployment, change)),

    async lastWaits(instance: InstanceId, isNew, limit) {
      const rows = await db
        .selectFrom("deployments")
        .select("state_times")
        .where("instance_id", "=", instance)
        .where("is_new", "=", isNew ? 1 : 0)
        .where("state_times", "like", '%"live"%')
        .orderBy("id", "desc")
        .limit(limit)
        .execute();
      return rows.flatMap(({ state_times: json }) => {
        const { written, live } = objectFromJson(json) as { written?: number; live?: number };
        return written !== undefined && live !== undefined && live >= written ? [live - written] : [];
      });
    },
  };
};
