import {
  type Run,
  type RunHearsay,
  type RunReading,
  type RunRecord,
  type RunState,
  type RunType,
  type SubjectRef,
  toDagId,
  toInstanceId,
  toRunId,
  toRunKey,
  toTriggerId,
} from "@airfleet/model";
import type { Selectable } from "kysely";
import { toBoundedJson } from "../text/bounded-json.ts";
import { fromJson, objectFromJson } from "../text/stored-json.ts";
import { toStorableOrNull } from "../text/storable-text.ts";
import { toMs } from "./due-time.ts";
import type { StoredRun } from "./run-repository.ts";
import type { RunTable } from "./run-tables.ts";

export type RunRow = Selectable<RunTable>;

/** Columns that follow from a record. */
export type RecordColumns = Pick<
  RunRow,
  | "state"
  | "partial"
  | "read_at"
  | "gone_at"
  | "read_state"
  | "engine_state"
  | "hollow"
  | "type"
  | "logical_date"
  | "interval_start"
  | "interval_end"
  | "run_after"
  | "queued_at"
  | "started_at"
  | "ended_at"
  | "started_ms"
  | "ended_ms"
  | "stopped_at"
  | "stopped_started_at"
  | "triggered_by"
  | "version_numbers"
  | "heard"
  | "note"
  | "conf"
>;

/** What is kept of a conf that cannot be written down. */
const TOO_DEEP = { airfleet: "This conf is nested too deeply to be kept." };

const readingColumns = (run: Run | undefined) => ({
  read_state: run?.state ?? null,
  engine_state: toStorableOrNull(run?.engineState),
  type: run?.type ?? null,
  logical_date: run?.logicalDate ?? null,
  interval_start: run?.intervalStart ?? null,
  interval_end: run?.intervalEnd ?? null,
  run_after: run?.runAfter ?? null,
  queued_at: run?.queuedAt ?? null,
  started_at: run?.startedAt ?? null,
  ended_at: run?.endedAt ?? null,
  triggered_by: toStorableOrNull(run?.triggeredBy),
  version_numbers: JSON.stringify(run?.versionNumbers ?? []),
  note: toStorableOrNull(run?.note),
  conf: run === undefined ? null : toBoundedJson(run.conf, TOO_DEEP),
});

/** When it ended: as read, or as heard where nobody has read it. */
const endOf = ({ read, heard }: RunRecord): number | null =>
  read === null ? (heard?.ended?.at ?? null) : toMs(read.run.endedAt);

export const toRecordColumns = (record: RunRecord): RecordColumns => {
  const { state, partial, read, heard, stopped, hollow, goneAt } = record;
  return {
    state,
    partial: partial ? 1 : 0,
    read_at: read?.at ?? 0,
    gone_at: goneAt,
    hollow,
    ...readingColumns(read?.run),
    started_ms: toMs(read?.run.startedAt),
    ended_ms: endOf(record),
    stopped_at: stopped?.at ?? null,
    stopped_started_at: stopped?.startedAt ?? null,
    heard: heard === null ? null : toBoundedJson(heard, { ...heard, conf: TOO_DEEP }),
  };
};

const toRun = (row: RunRow, state: RunState): Run => ({
  dagId: toDagId(row.dag_id),
  runId: toRunId(row.run_id),
  state,
  engineState: row.engine_state ?? "",
  type: (row.type ?? "manual") as RunType,
  logicalDate: row.logical_date,
  intervalStart: row.interval_start,
  intervalEnd: row.interval_end,
  runAfter: row.run_after,
  queuedAt: row.queued_at,
  startedAt: row.started_at,
  endedAt: row.ended_at,
  conf: objectFromJson(row.conf ?? "{}"),
  note: row.note,
  triggeredBy: row.triggered_by,
  versionNumbers: fromJson(row.version_numbers) as readonly number[],
});

const toReading = (row: RunRow): RunReading | null =>
  row.read_state === null ? null : { at: row.read_at, run: toRun(row, row.read_state as RunState) };

export const toRecord = (row: RunRow): RunRecord => ({
  dagId: toDagId(row.dag_id),
  runId: toRunId(row.run_id),
  state: row.state as RunState,
  partial: row.partial === 1,
  read: toReading(row),
  heard: row.heard === null ? null : (fromJson(row.heard) as RunHearsay),
  stopped: row.stopped_at === null ? null : { at: row.stopped_at, startedAt: row.stopped_started_at },
  hollow: row.hollow,
  goneAt: row.gone_at,
});

/** @param subjects The first of them. */
export const toStoredRun = (row: RunRow, subjects: readonly SubjectRef[]): StoredRun => ({
  key: toRunKey(row.key),
  instance: toInstanceId(row.instance_id),
  record: toRecord(row),
  dueAt: row.due_at,
  triggerId: row.trigger_id === null ? null : toTriggerId(row.trigger_id),
  discoveredBy: row.discovered_by as StoredRun["discoveredBy"],
  subjects,
  subjectsTotal: row.subjects_total,
  firstSeenAt: row.first_seen_at,
  changedAt: row.changed_at,
});
