import { setImmediate as nextTurn } from "node:timers/promises";
import { AirfleetError } from "@airfleet/model";
import type { StoreContext } from "../context.ts";
import { type ChainedRow, chainHash } from "./audit-entry.ts";

/** What recomputing the chain found. */
export interface AuditVerification {
  readonly ok: boolean;
  /** Rows that were found in order. */
  readonly rows: number;
  readonly lastSeq: number;
  /** Hash of the last row in order; null when there is none. */
  readonly head: string | null;
  readonly brokenAt: number | null;
  readonly reason: string | null;
}

const BATCH = 1_000;

interface Link {
  readonly seq: number;
  readonly hash: string;
}

const reasonFor = (row: ChainedRow, last: Link): string | undefined => {
  if (row.seq !== last.seq + 1) return `row ${last.seq + 1} is missing`;
  if (row.prev_hash !== last.hash) return "it does not follow the row before it";
  return row.hash === chainHash(row) ? undefined : "its content does not fit its hash";
};

/**
 * Recomputes the chain from the first row to the head, in batches, while others go on writing.
 *
 * An edit, a deletion, an insertion and a change of order break the chain of hashes; rows cut off at the end disagree
 * with the head, which is kept in another table. Somebody who can write every table and rewrites chain and head alike is
 * beyond this: for that, copy the head elsewhere now and then.
 */
export const verifyAudit = async ({ db }: StoreContext): Promise<AuditVerification> => {
  let last: Link = { seq: 0, hash: "" };
  const result = (broken: { readonly at: number; readonly reason: string } | null): AuditVerification => ({
    ok: broken === null,
    rows: last.seq,
    lastSeq: last.seq,
    head: last.hash === "" ? null : last.hash,
    brokenAt: broken?.at ?? null,
    reason: broken?.reason ?? null,
  });

  for (;;) {
    const rows = await db
      .selectFrom("audit")
      .selectAll()
      .where("seq", ">", last.seq)
      .orderBy("seq")
      .limit(BATCH)
      .execute();
    for (const row of rows) {
      const reason = reasonFor(row, last);
      if (reason !== undefined) return result({ at: last.seq + 1, reason });
      last = { seq: row.seq, hash: row.hash };
    }
    await nextTurn();
    if (rows.length > 0) continue;
    // Read after the rows: a sequencer that worked in between has moved the head on, and we read on.
    const head = await db.selectFrom("sequences").selectAll().where("name", "=", "audit").executeTakeFirst();
    if (head === undefined) return result({ at: last.seq + 1, reason: "the record of the last row is gone" });
    if (head.seq === last.seq) {
      return head.hash === last.hash
        ? result(null)
        : result({ at: last.seq, reason: "it is not the last row recorded" });
    }
    if (head.seq < last.seq) return result({ at: head.seq + 1, reason: "it lies beyond the last row recorded" });
    const more = await db.selectFrom("audit").select("seq").where("seq", ">", last.seq).limit(1).executeTakeFirst();
    if (more === undefined) return result({ at: last.seq + 1, reason: `rows up to ${head.seq} were cut off` });
  }
};

/** @throws {AirfleetError} AUDIT_CHAIN_BROKEN when the verification found a break. */
export const assertAuditWhole = (verification: AuditVerification): void => {
  if (verification.ok) return;
  const { brokenAt, reason } = verification;
  throw new AirfleetError("AUDIT_CHAIN_BROKEN", { seq: brokenAt, reason: reason ?? "unknown" });
};
