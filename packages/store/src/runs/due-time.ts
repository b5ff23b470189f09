import type { Instant, RunRecord } from "@airfleet/model";

/** Epoch milliseconds of an instant; null for none, and for text that is no date. */
export const toMs = (instant: Instant | null | undefined): number | null => {
  if (instant === null || instant === undefined) return null;
  const ms = Date.parse(instant);
  return Number.isSafeInteger(ms) ? ms : null;
};

/** What a run is about in time, as the engine says; it stays when the run is cleared. */
const firmDueTime = ({ read, heard }: RunRecord): number | null =>
  toMs(read?.run.runAfter) ??
  toMs(read?.run.intervalEnd) ??
  toMs(read?.run.logicalDate) ??
  toMs(read === null ? heard?.logicalDate : null);

/**
 * When a run was due. Without a date of its own it keeps the time it was first given: queueing and starting times move
 * when a run is cleared.
 *
 * @param known What it had until now.
 * @param at When the first observation was made.
 */
export const dueTime = (record: RunRecord, known: number | null, at: number): number =>
  firmDueTime(record) ?? known ?? toMs(record.read?.run.queuedAt) ?? toMs(record.read?.run.startedAt) ?? Math.round(at);

/** When the attempt that was read began; tells a rerun from what was there before. */
export const begunTime = ({ read }: RunRecord): number => {
  const { startedAt, queuedAt } = read?.run ?? { startedAt: null, queuedAt: null };
  return Math.max(toMs(startedAt) ?? 0, toMs(queuedAt) ?? 0);
};
