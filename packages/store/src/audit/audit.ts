import type { InstanceId } from "@airfleet/model";
import type { Transaction } from "kysely";
import type { StoreContext } from "../context.ts";
import { fromCursor, type StorePage, toCursor, toPage } from "../paging/cursor.ts";
import type { Database } from "../schema.ts";
import { type AuditEntry, type AuditNote, type ChainedRow, chainHash, fromRow, toPendingRow } from "./audit-entry.ts";
import { type AuditVerification, verifyAudit } from "./verify-audit.ts";

/** Which rows of the trail, newest first. */
export interface AuditQuery {
  readonly instances?: readonly InstanceId[] | readonly string[];
  readonly actor?: string;
  readonly verbs?: readonly string[];
  readonly dagId?: string;
  /** Epoch milliseconds, inclusive. */
  readonly since?: number;
  /** Epoch milliseconds, exclusive. */
  readonly until?: number;
  readonly limit: number;
  /** `next` of the page before, for the same query. */
  readonly after?: string;
}

/** The audit trail: rows are added and never changed. */
export interface AuditRepository {
  append(...notes: readonly AuditNote[]): Promise<void>;
  list(query: AuditQuery): Promise<StorePage<AuditEntry>>;
  /**
   * Gives waiting rows their place in the chain; meant for whoever holds the sequencing lease, harmless by others.
   * @returns How many; fewer than `limit` when none is left.
   */
  sequence(limit?: number): Promise<number>;
  verify(): Promise<AuditVerification>;
}

/** Adds rows within somebody else's transaction. */
export const appendAudit = async (
  trx: Transaction<Database>,
  { newId, clock }: Pick<StoreContext, "newId" | "clock">,
  notes: readonly AuditNote[],
): Promise<void> => {
  if (notes.length === 0) return;
  const rows = notes.map((note) => toPendingRow(note, newId("aud"), clock()));
  await trx.insertInto("audit_pending").values(rows).execute();
};

/** Rows per transaction of the sequencer. */
const SEQUENCE_BATCH = 500;

const listRows = (
  { db }: StoreContext,
  table: "audit" | "audit_pending",
  query: AuditQuery,
  before: string | undefined,
) => {
  // Both tables have these columns; Kysely is shown one of them.
  let rows = db
    .selectFrom(table as "audit_pending")
    .selectAll()
    .orderBy("id", "desc")
    .limit(query.limit + 1);
  if (before !== undefined) rows = rows.where("id", "<", before);
  if (query.instances !== undefined) rows = rows.where("instance_id", "in", query.instances);
  if (query.actor !== undefined) rows = rows.where("actor", "=", query.actor);
  if (query.verbs !== undefined) rows = rows.where("verb", "in", query.verbs);
  if (query.dagId !== undefined) rows = rows.where("dag_id", "=", query.dagId);
  if (query.since !== undefined) rows = rows.where("at", ">=", query.since);
  if (query.until !== undefined) rows = rows.where("at", "<", query.until);
  return rows.execute();
};

const chain = (rows: readonly AuditRow[], head: { readonly seq: number; readonly hash: string }): ChainedRow[] => {
  let { seq, hash } = head;
  return rows.map((row) => {
    seq += 1;
    const placed = { ...row, seq, prev_hash: hash };
    hash = chainHash(placed);
    return { ...placed, hash };
  });
};

type AuditRow = Omit<ChainedRow, "seq" | "hash" | "prev_hash">;

export const createAuditRepository = (context: StoreContext): AuditRepository => ({
  append: (...notes) => context.db.transaction().execute((trx) => appendAudit(trx, context, notes)),
  verify: () => verifyAudit(context),

  async list(query) {
    const { limit, after, ...filter } = query;
    const [before] = after === undefined ? [] : fromCursor("audit", filter, ["string"], after);
    if (query.instances?.length === 0 || query.verbs?.length === 0) return { items: [], next: null };
    // Waiting rows first: one that gets its place between the two reads then shows twice, not never.
    const waiting = await listRows(context, "audit_pending", query, before?.toString());
    const placed = await listRows(context, "audit", query, before?.toString());
    const rows = [...new Map([...waiting, ...placed].map((row) => [row.id, row])).values()];
    rows.sort((left, right) => (left.id < right.id ? 1 : -1));
    return toPage(rows, limit, { item: fromRow, cursor: (last) => toCursor("audit", filter, [last.id]) });
  },

  sequence: (limit = SEQUENCE_BATCH) =>
    context.db.transaction().execute(async (trx) => {
      const head = await trx
        .selectFrom("sequences")
        .select(["seq", "hash"])
        .where("name", "=", "audit")
        .modifyEnd(context.profile.forUpdate)
        .executeTakeFirstOrThrow();
      const rows = await trx.selectFrom("audit_pending").selectAll().orderBy("id").limit(limit).execute();
      const chained = chain(rows, head);
      const last = chained.at(-1);
      if (last === undefined) return 0;
      await trx.insertInto("audit").values(chained).execute();
      await trx
        .deleteFrom("audit_pending")
        .where(
          "id",
          "in",
          rows.map(({ id }) => id),
        )
        .execute();
      await trx.updateTable("sequences").set({ seq: last.seq, hash: last.hash }).where("name", "=", "audit").execute();
      return rows.length;
    }),
});
