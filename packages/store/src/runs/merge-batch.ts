import {
  isTerminalRunState,
  mergeObservation,
  type RunObservation,
  type RunRecord,
  type RunState,
} from "@airfleet/model";
import { dueTime } from "./due-time.ts";
import { type RecordColumns, toRecordColumns } from "./run-row.ts";

/** A row of history to be written. */
export interface ObservedStep {
  readonly at: number;
  readonly source: RunObservation["source"];
  readonly kind: RunObservation["kind"];
  readonly state: RunState;
  readonly engineState: string | null;
}

/** What a batch of observations makes of one run. */
export interface MergedRun {
  readonly record: RunRecord;
  readonly columns: RecordColumns;
  readonly dueAt: number;
  readonly steps: readonly ObservedStep[];
  /** Something that is shown changed. */
  readonly isChange: boolean;
  /** Something is to be written, perhaps only when it was read last. */
  readonly isNews: boolean;
}

const engineState = ({ read }: RunRecord): string | null => read?.run.engineState ?? null;

/** Whether the run's history tells of this step. */
const isStep = (before: RunRecord | null, after: RunRecord): boolean =>
  before === null ||
  before.state !== after.state ||
  before.partial !== after.partial ||
  engineState(before) !== engineState(after) ||
  (before.goneAt === null) !== (after.goneAt === null) ||
  before.stopped?.at !== after.stopped?.at ||
  // A rerun that ended between two readings.
  (before.read !== null && before.read.run.startedAt !== after.read?.run.startedAt);

/** Not shown: it moves with every reading. */
const UNSEEN: ReadonlySet<string> = new Set<keyof RecordColumns>(["read_at", "heard"]);

const differs = (before: RecordColumns, after: RecordColumns): boolean =>
  (Object.keys(after) as (keyof RecordColumns)[]).some((column) => {
    if (UNSEEN.has(column) || before[column] === after[column]) return false;
    // Found gone once more.
    return column !== "gone_at" || before.gone_at === null || after.gone_at === null;
  });

/**
 * Whether a record that looks the same is worth a write. While a run is live the times of the last reading and of the
 * last report decide how the next one counts, and which run is read next. Of a finished run they decide nothing that the
 * next reading would not, and it is read again and again.
 */
const movesWhileLive = (before: RecordColumns, after: RecordColumns): boolean =>
  (after.read_state === null || !isTerminalRunState(after.read_state as RunState)) &&
  (before.read_at !== after.read_at || before.heard !== after.heard);

/** Merges observations of one run, in the order given. `known` is null for a run that the store does not have. */
export const mergeBatch = (
  known: { readonly record: RunRecord; readonly columns: RecordColumns; readonly dueAt: number } | null,
  observations: readonly RunObservation[],
): MergedRun | null => {
  let record = known?.record ?? null;
  const steps: ObservedStep[] = [];
  for (const news of observations) {
    const next = mergeObservation(record, news);
    if (next === record) continue;
    const { at, source, kind } = news;
    if (isStep(record, next)) steps.push({ at, source, kind, state: next.state, engineState: engineState(next) });
    record = next;
  }
  const [first] = observations;
  if (record === null || first === undefined || record === known?.record) return null;
  const columns = toRecordColumns(record);
  const dueAt = dueTime(record, known?.dueAt ?? null, first.at);
  const isChange = known === null || dueAt !== known.dueAt || differs(known.columns, columns);
  const isNews = isChange || movesWhileLive(known.columns, columns);
  return { record, columns, dueAt, steps, isChange, isNews };
};
