import { type ErrorCode, type InstanceId, toInstanceId } from "@airfleet/model";
import { type Selectable, sql } from "kysely";
import type { StoreContext } from "../context.ts";
import type { ReadingTable } from "../schema.ts";
import { toStorableText } from "../text/storable-text.ts";

/** Why the last attempt to read a feed failed. */
export interface ReadingError {
  readonly code: ErrorCode;
  readonly message: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** How fresh one feed of one instance is: `dags`, `runs`, `health`, … Times are epoch milliseconds. */
export interface Reading {
  readonly instance: InstanceId;
  readonly feed: string;
  readonly attemptedAt: number;
  /** When the last attempt that succeeded was begun; null when none ever did. */
  readonly succeededAt: number | null;
  readonly durationMs: number;
  /** The instance's own clock at the last success, from its `Date` header. */
  readonly serverTime: number | null;
  /** Where the next reading of a change feed goes on. */
  readonly watermark: string | null;
  /** Null when the last attempt succeeded. */
  readonly error: ReadingError | null;
}

interface Attempt {
  readonly instance: InstanceId;
  readonly feed: string;
  /** When it was begun. */
  readonly attemptedAt: number;
  readonly durationMs: number;
}

/** Freshness, per instance and feed. */
export interface ReadingRepository {
  /** All feeds of these instances, or of all. */
  list(instances?: readonly InstanceId[]): Promise<readonly Reading[]>;
  find(instance: InstanceId, feed: string): Promise<Reading | undefined>;
  /** Notes a success; an absent watermark or server time leaves the one that is there. */
  succeeded(attempt: Attempt & { readonly serverTime?: number; readonly watermark?: string }): Promise<void>;
  failed(attempt: Attempt & { readonly error: Omit<ReadingError, "at"> }): Promise<void>;
}

const toError = (row: Selectable<ReadingTable>): ReadingError | null =>
  row.error_code === null
    ? null
    : { code: row.error_code as ErrorCode, message: row.error_message ?? "", at: row.error_at ?? row.attempted_at };

const fromRow = (row: Selectable<ReadingTable>): Reading => ({
  instance: toInstanceId(row.instance_id),
  feed: row.feed,
  attemptedAt: row.attempted_at,
  succeededAt: row.succeeded_at,
  durationMs: row.duration_ms,
  serverTime: row.server_time,
  watermark: row.watermark,
  error: toError(row),
});

export const createReadingRepository = ({ db }: StoreContext): ReadingRepository => ({
  async list(instances) {
    if (instances?.length === 0) return [];
    const all = db.selectFrom("readings").selectAll().orderBy("instance_id").orderBy("feed");
    return (await (instances === undefined ? all : all.where("instance_id", "in", instances)).execute()).map(fromRow);
  },

  async find(instance, feed) {
    const row = await db
      .selectFrom("readings")
      .selectAll()
      .where("instance_id", "=", instance)
      .where("feed", "=", feed)
      .executeTakeFirst();
    return row === undefined ? undefined : fromRow(row);
  },

  async succeeded({ instance, feed, attemptedAt, durationMs, serverTime, watermark }) {
    await db
      .insertInto("readings")
      .values({
        instance_id: instance,
        feed,
        attempted_at: attemptedAt,
        succeeded_at: attemptedAt,
        duration_ms: Math.round(durationMs),
        server_time: serverTime ?? null,
        watermark: watermark ?? null,
      })
      .onConflict((conflict) =>
        conflict.columns(["instance_id", "feed"]).doUpdateSet({
          attempted_at: sql`excluded.attempted_at`,
          succeeded_at: sql`excluded.succeeded_at`,
          duration_ms: sql`excluded.duration_ms`,
          server_time: sql`coalesce(excluded.server_time, readings.server_time)`,
          watermark: sql`coalesce(excluded.watermark, readings.watermark)`,
          error_code: null,
          error_message: null,
          error_at: null,
        }),
      )
      .execute();
  },

  async failed({ instance, feed, attemptedAt, durationMs, error }) {
    await db
      .insertInto("readings")
      .values({
        instance_id: instance,
        feed,
        attempted_at: attemptedAt,
        duration_ms: Math.round(durationMs),
        error_code: error.code,
        error_message: toStorableText(error.message),
        error_at: attemptedAt,
      })
      .onConflict((conflict) =>
        conflict.columns(["instance_id", "feed"]).doUpdateSet({
          attempted_at: sql`excluded.attempted_at`,
          duration_ms: sql`excluded.duration_ms`,
          error_code: sql`excluded.error_code`,
          error_message: sql`excluded.error_message`,
          error_at: sql`excluded.error_at`,
        }),
      )
      .execute();
  },
});
