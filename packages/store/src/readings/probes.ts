import { type InstanceId, toInstanceId } from "@airfleet/model";
import { type Selectable, sql } from "kysely";
import type { StoreContext } from "../context.ts";
import type { ProbeTable } from "../schema.ts";
import { type JsonObject, objectFromJsonOrNull } from "../text/stored-json.ts";

/** Whether calls to an instance are let through. */
export const BREAKER_STATES = ["closed", "open", "half_open"] as const;
export type BreakerState = (typeof BREAKER_STATES)[number];

/** What an instance's last probe found. Times are epoch milliseconds. */
export interface StoredProbe {
  readonly instance: InstanceId;
  /** The engine's answer as it was handed in: version, generation, health, capabilities, latency; null when none yet. */
  readonly result: JsonObject | null;
  readonly observedAt: number | null;
  readonly breaker: BreakerState;
  /** When an open breaker lets the next call through. */
  readonly breakerUntil: number | null;
}

/** Condition of the instances, as far as it outlives a restart. */
export interface ProbeRepository {
  list(instances?: readonly InstanceId[]): Promise<readonly StoredProbe[]>;
  find(instance: InstanceId): Promise<StoredProbe | undefined>;
  save(instance: InstanceId, result: object, observedAt: number): Promise<void>;
  setBreaker(instance: InstanceId, state: BreakerState, until?: number): Promise<void>;
}

const fromRow = (row: Selectable<ProbeTable>): StoredProbe => ({
  instance: toInstanceId(row.instance_id),
  result: objectFromJsonOrNull(row.result),
  observedAt: row.observed_at,
  breaker: row.breaker as BreakerState,
  breakerUntil: row.breaker_until,
});

export const createProbeRepository = ({ db, clock }: StoreContext): ProbeRepository => ({
  async list(instances) {
    if (instances?.length === 0) return [];
    const all = db.selectFrom("probes").selectAll().orderBy("instance_id");
    return (await (instances === undefined ? all : all.where("instance_id", "in", instances)).execute()).map(fromRow);
  },

  async find(instance) {
    const row = await db.selectFrom("probes").selectAll().where("instance_id", "=", instance).executeTakeFirst();
    return row === undefined ? undefined : fromRow(row);
  },

  async save(instance, result, observedAt) {
    await db
      .insertInto("probes")
      .values({
        instance_id: instance,
        result: JSON.stringify(result),
        observed_at: observedAt,
        breaker: "closed",
        breaker_at: observedAt,
      })
      .onConflict((conflict) =>
        conflict
          .column("instance_id")
          .doUpdateSet({ result: sql`excluded.result`, observed_at: sql`excluded.observed_at` }),
      )
      .execute();
  },

  async setBreaker(instance, state, until) {
    await db
      .insertInto("probes")
      .values({ instance_id: instance, breaker: state, breaker_until: until ?? null, breaker_at: clock() })
      .onConflict((conflict) =>
        conflict.column("instance_id").doUpdateSet({
          breaker: sql`excluded.breaker`,
          breaker_until: sql`excluded.breaker_until`,
          breaker_at: sql`excluded.breaker_at`,
        }),
      )
      .execute();
  },
});
