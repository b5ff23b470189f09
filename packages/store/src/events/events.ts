import type { RunKey, SubjectRef } from "@airfleet/model";
import type { Selectable, Transaction } from "kysely";
import type { StoreContext } from "../context.ts";
import type { Database } from "../schema.ts";
import { subjectHash } from "../subjects/subject-hash.ts";
import { type JsonObject, objectFromJson } from "../text/stored-json.ts";
import { toStorableOrNull } from "../text/storable-text.ts";

/** Something that happened, to be told to whoever listens. `payload` must hold no secret. */
export interface EventNote {
  /** What kind of thing: `action.finished`, `dag.changed`, … */
  readonly kind: string;
  readonly instance?: string | null;
  readonly dagId?: string | null;
  readonly runId?: string | null;
  readonly tenant?: string | null;
  readonly payload?: JsonObject;
}

/** One event at its place in the one order that every listener sees. */
export interface StoredEvent {
  readonly seq: number;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly kind: string;
  readonly instance: string | null;
  readonly dagId: string | null;
  readonly runId: string | null;
  readonly tenant: string | null;
  readonly payload: JsonObject;
}

/** What there is to be read: `first` is the oldest kept, `last` the newest given a place; 0 and 0 when none ever was. */
export interface EventRange {
  readonly first: number;
  readonly last: number;
}

export interface EventRepository {
  append(...notes: readonly EventNote[]): Promise<void>;
  /** Events after `seq`, in order; of these instances (and of none in particular) or all. */
  list(query: {
    readonly after: number;
    readonly limit: number;
    readonly instances?: readonly string[];
  }): Promise<readonly StoredEvent[]>;
  /** A listener that wants to go on after less than `first - 1` has missed some. */
  range(): Promise<EventRange>;
  /** Whether a run is about a subject: an event names only the first of a run's subjects. */
  isAbout(run: RunKey, subject: Pick<SubjectRef, "type" | "id">): Promise<boolean>;
  /** Gives waiting events their place; as for the audit trail. @returns How many. */
  sequence(limit?: number): Promise<number>;
  /**
   * Drops events older than `before` (epoch milliseconds) and those beyond the newest `keep`, a batch at a time.
   * @returns How many; call again until 0.
   */
  sweep(retention: { readonly before: number; readonly keep: number; readonly batch?: number }): Promise<number>;
}

const BATCH = 500;

/** Adds events within somebody else's transaction. */
export const appendEvents = async (
  trx: Transaction<Database>,
  { newId, clock }: Pick<StoreContext, "newId" | "clock">,
  notes: readonly EventNote[],
): Promise<void> => {
  if (notes.length === 0) return;
  const rows = notes.map((note) => ({
    id: newId("evt"),
    at: clock(),
    kind: note.kind,
    instance_id: toStorableOrNull(note.instance),
    dag_id: toStorableOrNull(note.dagId),
    run_id: toStorableOrNull(note.runId),
    tenant: toStorableOrNull(note.tenant),
    payload: JSON.stringify(note.payload ?? {}),
  }));
  await trx.insertInto("events_pending").values(rows).execute();
};

const fromRow = (row: Selectable<Database["events"]>): StoredEvent => ({
  seq: row.seq,
  at: row.at,
  kind: row.kind,
  instance: row.instance_id,
  dagId: row.dag_id,
  runId: row.run_id,
  tenant: row.tenant,
  payload: objectFromJson(row.payload),
});

export const createEventRepository = (context: StoreContext): EventRepository => {
  const { db, profile } = context;

  const range = async (): Promise<EventRange> => {
    const head = await db.selectFrom("sequences").select("seq").where("name", "=", "events").executeTakeFirstOrThrow();
    const oldest = await db.selectFrom("events").select("seq").orderBy("seq").limit(1).executeTakeFirst();
    return { first: oldest?.seq ?? (head.seq === 0 ? 0 : head.seq + 1), last: head.seq };
  };

  return {
    range,
    append: (...notes) => db.transaction().execute((trx) => appendEvents(trx, context, notes)),

    async list({ after, limit, instances }) {
      let rows = db.selectFrom("events").selectAll().where("seq", ">", after).orderBy("seq").limit(limit);
      if (instances !== undefined) {
        rows = rows.where((eb) =>
          eb.or([
            eb("instance_id", "is", null),
            ...(instances.length === 0 ? [] : [eb("instance_id", "in", instances)]),
          ]),
        );
      }
      return (await rows.execute()).map(fromRow);
    },

    async isAbout(run, subject) {
      const row = await db
        .selectFrom("runs")
        .innerJoin("run_subjects", "run_subjects.run_pk", "runs.id")
        .innerJoin("subjects", "subjects.id", "run_subjects.subject_pk")
        .select("runs.key")
        .where("runs.key", "=", run)
        .where("subjects.hash", "=", subjectHash(subject))
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },

    sequence: (limit = BATCH) =>
      db.transaction().execute(async (trx) => {
        const head = await trx
          .selectFrom("sequences")
          .select("seq")
          .where("name", "=", "events")
          .modifyEnd(profile.forUpdate)
          .executeTakeFirstOrThrow();
        const rows = await trx.selectFrom("events_pending").selectAll().orderBy("id").limit(limit).execute();
        if (rows.length === 0) return 0;
        await trx
          .insertInto("events")
          .values(rows.map((row, index) => ({ ...row, seq: head.seq + index + 1 })))
          .execute();
        await trx
          .deleteFrom("events_pending")
          .where(
            "id",
            "in",
            rows.map(({ id }) => id),
          )
          .execute();
        await trx
          .updateTable("sequences")
          .set({ seq: head.seq + rows.length })
          .where("name", "=", "events")
          .execute();
        return rows.length;
      }),

    async sweep({ before, keep, batch = BATCH }) {
      const { last } = await range();
      const rows = await db
        .selectFrom("events")
        .select("seq")
        .where((eb) => eb.or([eb("at", "<", before), eb("seq", "<=", last - keep)]))
        .orderBy("seq")
        .limit(batch)
        .execute();
      if (rows.length === 0) return 0;
      await db
        .deleteFrom("events")
        .where(
          "seq",
          "in",
          rows.map(({ seq }) => seq),
        )
        .execute();
      return rows.length;
    },
  };
};
