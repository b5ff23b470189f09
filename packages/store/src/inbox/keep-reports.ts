import { createHash } from "node:crypto";
import type { Insertable, Transaction } from "kysely";
import { inChunks } from "../backend/chunks.ts";
import { retryConflict } from "../backend/retry-conflict.ts";
import type { StoreContext } from "../context.ts";
import { runKeyOf } from "../runs/run-key.ts";
import type { Database } from "../schema.ts";
import { toStorableOrNull, toStorableText } from "../text/storable-text.ts";
import type { ReportTable } from "./inbox-table.ts";
import type { KeptReport, NewReport } from "./reports.ts";

/** Rows per statement: few enough that preparing it costs little, many enough to share the way. */
const CHUNK = 100;

interface Candidate {
  readonly index: number;
  readonly row: Insertable<ReportTable>;
  readonly content: string;
}

/**
 * Names what a sender without ids says: two of the same minute are the same, also for two servers that receive them at
 * once. Those of two minutes are found by their content.
 */
const nameByContent = (runKey: string, { contentHash, sentAt }: NewReport, withinMs: number): string =>
  `same:${createHash("sha256").update(`${runKey}\n${contentHash}`).digest("base64url")}:${Math.floor(sentAt / withinMs)}`;

const toCandidate = (
  report: NewReport,
  index: number,
  { newId, withinMs, now }: { readonly newId: StoreContext["newId"]; readonly withinMs: number; readonly now: number },
): Candidate => {
  const runKey = runKeyOf(report);
  return {
    index,
    content: report.content,
    row: {
      id: newId("rep"),
      source: report.source,
      message_id: toStorableOrNull(report.messageId) ?? nameByContent(runKey, report, withinMs),
      content_hash: report.contentHash,
      run_key: runKey,
      instance_id: report.instance,
      dag_id: toStorableText(report.dagId),
      run_id: toStorableText(report.runId),
      kind: report.kind,
      task_id: toStorableOrNull(report.taskId),
      try_number: report.tryNumber,
      map_index: report.mapIndex,
      message: toStorableText(report.message),
      is_cut: report.isCut ? 1 : 0,
      is_error: report.isError ? 1 : 0,
      sent_at: report.sentAt,
      received_at: now,
      format: report.format,
      run_state: report.runState,
    },
  };
};

/** Which of these say what was said of the same run within the time before or after. */
const saidBefore = async (
  trx: Transaction<Database>,
  reports: readonly Candidate[],
  withinMs: number,
): Promise<ReadonlySet<number>> => {
  const known = new Set<number>();
  for (const chunk of inChunks(reports, CHUNK)) {
    const times = chunk.map(({ row }) => row.sent_at);
    const rows = await trx
      .selectFrom("reports")
      .select(["content_hash", "run_key", "sent_at"])
      .where(
        "content_hash",
        "in",
        chunk.map(({ row }) => row.content_hash),
      )
      .where("sent_at", ">=", Math.min(...times) - withinMs)
      .where("sent_at", "<=", Math.max(...times) + withinMs)
      .execute();
    for (const { index, row } of chunk) {
      const isSaid = rows.some(
        (one) =>
          one.content_hash === row.content_hash &&
          one.run_key === row.run_key &&
          Math.abs(one.sent_at - row.sent_at) <= withinMs,
      );
      if (isSaid) known.add(index);
    }
  }
  return known;
};

/** The first of several that say the same within one batch. */
const withoutRepeats = (reports: readonly Candidate[], isByContent: (index: number) => boolean, withinMs: number) => {
  const seen = new Map<string, number>();
  return reports.filter(({ index, row }) => {
    if (!isByContent(index)) return true;
    const name = `${row.run_key}\n${row.content_hash}`;
    const before = seen.get(name);
    if (before !== undefined && Math.abs(before - row.sent_at) <= withinMs) return false;
    seen.set(name, row.sent_at);
    return true;
  });
};

const byMessageId = (left: Candidate, right: Candidate): number =>
  (left.row.message_id ?? "") < (right.row.message_id ?? "") ? -1 : 1;

/** See `ReportRepository.keep`. */
export const keepReports = (
  context: StoreContext,
  reports: readonly NewReport[],
  withinMs: number,
): Promise<readonly (KeptReport | null)[]> =>
  retryConflict(() =>
    context.db.transaction().execute(async (trx) => {
      const now = context.clock();
      const candidates = reports.map((report, index) =>
        toCandidate(report, index, { newId: context.newId, withinMs, now }),
      );
      const isByContent = (index: number): boolean => reports[index]?.isKnownByContent === true;
      const doubtful = candidates.filter(({ index }) => isByContent(index));
      const known = await saidBefore(trx, doubtful, withinMs);
      const fresh = withoutRepeats(candidates, isByContent, withinMs).filter(({ index }) => !known.has(index));
      const kept: (KeptReport | null)[] = reports.map(() => null);
      // Everybody inserts in the same order, so that two servers with the same reports wait for each other only once.
      for (const chunk of inChunks(fresh.toSorted(byMessageId), CHUNK)) {
        const inserted = await trx
          .insertInto("reports")
          .values(chunk.map(({ row }) => row))
          .onConflict((conflict) => conflict.column("message_id").doNothing())
          .returning("id")
          .execute();
        const ids = new Set(inserted.map(({ id }) => id));
        const taken = chunk.filter(({ row }) => ids.has(row.id));
        for (const { index, row } of taken) kept[index] = { id: row.id, receivedAt: now };
        if (taken.length === 0) continue;
        await trx
          .insertInto("waiting_reports")
          .values(
            taken.map(({ row, content }) => ({
              report_id: row.id,
              instance_id: row.instance_id,
              run_key: row.run_key,
              content,
              received_at: now,
            })),
          )
          .execute();
      }
      return kept;
    }),
  );
