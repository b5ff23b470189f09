import type { DagId, InstanceId, RunKey, RunState } from "@airfleet/model";
import { sql } from "kysely";
import type { StoreContext } from "../context.ts";

/** Runs of an instance that are not over. */
export interface LiveRunCount {
  readonly instance: InstanceId;
  readonly state: Extract<RunState, "queued" | "running">;
  readonly runs: number;
}

/** Failures of a DAG on an instance since its last success. Times are epoch milliseconds. */
export interface OpenFailureCount {
  readonly instance: InstanceId;
  readonly dagId: DagId;
  readonly failures: number;
  /** When the first of them was due, and the newest. */
  readonly since: number;
  readonly newestDue: number;
  readonly newestRun: RunKey;
}

/** Runs that wait on a DAG which is paused: they start only when somebody unpauses it. */
export interface HeldRunCount {
  readonly instance: InstanceId;
  readonly dagId: DagId;
  readonly runs: number;
  readonly since: number;
  readonly oldestRun: RunKey;
}

/** Small counts over large tables, each from an index of its own. */
export const countLiveRuns = async ({ db }: StoreContext): Promise<readonly LiveRunCount[]> => {
  const rows = await db
    .selectFrom("runs")
    .select(["instance_id", "state"])
    .select((eb) => eb.fn.countAll<number | string>().as("runs"))
    // Spelled as the index of live runs has it: SQLite takes the index for no other words.
    .where(sql<boolean>`state in ('queued', 'running')`)
    .groupBy(["instance_id", "state"])
    .execute();
  return rows.map((row) => ({
    instance: row.instance_id as InstanceId,
    state: row.state as LiveRunCount["state"],
    runs: Number(row.runs),
  }));
};

/** Every DAG whose newest outcome is a failure. */
export const countOpenFailures = async ({ db }: StoreContext): Promise<readonly OpenFailureCount[]> => {
  const rows = await db
    .with("grouped", (qb) =>
      qb
        .selectFrom("open_failures")
        .select(["instance_id", "dag_id"])
        .select((eb) => [
          eb.fn.countAll<number | string>().as("failures"),
          eb.fn.min("due_at").as("since"),
          eb.fn.max("due_at").as("newest_due"),
        ])
        .groupBy(["instance_id", "dag_id"]),
    )
    .selectFrom("grouped as g")
    .innerJoin("open_failures as f", (join) =>
      join
        .onRef("f.instance_id", "=", "g.instance_id")
        .onRef("f.dag_id", "=", "g.dag_id")
        .onRef("f.due_at", "=", "g.newest_due"),
    )
    .innerJoin("runs as r", "r.id", "f.run_pk")
    .select(["g.instance_id", "g.dag_id", "g.failures", "g.since", "g.newest_due", "r.key"])
    .orderBy("g.instance_id")
    .orderBy("g.dag_id")
    .execute();
  // Two runs may have been due at once.
  const byPlace = new Map(
    rows.map((row) => [
      JSON.stringify([row.instance_id, row.dag_id]),
      {
        instance: row.instance_id as InstanceId,
        dagId: row.dag_id as DagId,
        failures: Number(row.failures),
        since: row.since,
        newestDue: row.newest_due,
        newestRun: row.key as RunKey,
      },
    ]),
  );
  return [...byPlace.values()];
};

/** @param before Queued since then at least, epoch milliseconds */
export const countHeldRuns = async ({ db }: StoreContext, before: number): Promise<readonly HeldRunCount[]> => {
  const rows = await db
    .selectFrom("runs as r")
    .innerJoin("dags as d", (join) =>
      join.onRef("d.instance_id", "=", "r.instance_id").onRef("d.dag_id", "=", "r.dag_id"),
    )
    .select(["r.instance_id", "r.dag_id", "r.key", "r.first_seen_at"])
    .where("r.state", "=", "queued")
    .where("d.is_paused", "=", 1)
    .where("d.gone_at", "is", null)
    .where("r.first_seen_at", "<", before)
    .orderBy("r.first_seen_at")
    .limit(1_000)
    .execute();
  const groups = Map.groupBy(rows, (row) => JSON.stringify([row.instance_id, row.dag_id]));
  return [...groups.values()].flatMap((group) => {
    const [oldest] = group;
    if (oldest === undefined) return [];
    return [
      {
        instance: oldest.instance_id as InstanceId,
        dagId: oldest.dag_id as DagId,
        runs: group.length,
        since: oldest.first_seen_at,
        oldestRun: oldest.key as RunKey,
      },
    ];
  });
};
