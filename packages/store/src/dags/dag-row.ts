import { createHash } from "node:crypto";
import {
  type Dag,
  type InstanceId,
  type Instant,
  type NextRun,
  type RunId,
  type RunState,
  toDagId,
  toInstanceId,
  toRunId,
} from "@airfleet/model";
import type { Insertable, Selectable } from "kysely";
import type { DagTable } from "../schema.ts";
import { toCanonicalJson } from "../text/canonical-json.ts";
import { foldText } from "../text/fold-text.ts";
import { objectFromJsonOrNull, textsFromJson, toJsonOrNull } from "../text/stored-json.ts";
import { toStorableOrNull, toStorableText } from "../text/storable-text.ts";

/** The newest run of a DAG on an instance, as far as it was seen. */
export interface LastRun {
  readonly runId: RunId;
  readonly state: RunState;
  readonly logicalDate: Instant | null;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
}

/** A DAG on one instance. */
export interface DagCell {
  readonly instance: InstanceId;
  readonly dag: Dag;
  readonly lastRun: LastRun | null;
  /** When the reading was begun that last changed this cell, epoch milliseconds. Later readings found it the same. */
  readonly observedAt: number;
}

/** What a text search of a DAG looks through is cut to this many characters, so that a search stays bounded. */
const SEARCHED_CHARACTERS = 600;

/** What of a DAG can be found by text. */
export const searchedText = (dag: Pick<Dag, "dagId" | "displayName" | "description">): string => {
  const shown = dag.displayName === dag.dagId ? "" : `\n${dag.displayName}`;
  return foldText(`${dag.dagId}${shown}\n${dag.description ?? ""}`.slice(0, SEARCHED_CHARACTERS));
};

/** Hash of everything that counts as a change. A parse that found the same DAG again is none. */
const contentHash = (dag: Dag): string =>
  createHash("sha256")
    .update(toCanonicalJson({ ...dag, lastParsedAt: null }))
    .digest("base64url")
    .slice(0, 22);

/** Columns that the engine's answer fills. */
export type DagContent = Omit<Insertable<DagTable>, `last_run_${string}` | "first_seen_at" | "observed_at" | "gone_at">;

export const toContent = (instance: InstanceId, dag: Dag): DagContent => ({
  dag_id: dag.dagId,
  instance_id: instance,
  display_name: toStorableText(dag.displayName),
  description: toStorableOrNull(dag.description),
  is_paused: dag.isPaused ? 1 : 0,
  is_stale: dag.isStale ? 1 : 0,
  has_import_errors: dag.hasImportErrors ? 1 : 0,
  file: toStorableOrNull(dag.file),
  file_token: toStorableOrNull(dag.fileToken),
  bundle: toStorableOrNull(dag.bundle),
  owners: JSON.stringify(dag.owners),
  tags: JSON.stringify(dag.tags),
  schedule: toStorableOrNull(dag.schedule),
  schedule_description: toStorableOrNull(dag.scheduleDescription),
  next_run: toJsonOrNull(dag.nextRun),
  last_parsed_at: dag.lastParsedAt,
  max_active_runs: dag.maxActiveRuns,
  content_hash: contentHash(dag),
});

const toLastRun = (row: Selectable<DagTable>): LastRun | null =>
  row.last_run_id === null || row.last_run_state === null
    ? null
    : {
        runId: toRunId(row.last_run_id),
        state: row.last_run_state as RunState,
        logicalDate: row.last_run_logical_date,
        startedAt: row.last_run_started_at,
        endedAt: row.last_run_ended_at,
      };

const toDag = (row: Selectable<DagTable>): Dag => ({
  dagId: toDagId(row.dag_id),
  displayName: row.display_name,
  description: row.description,
  isPaused: row.is_paused === 1,
  isStale: row.is_stale === 1,
  hasImportErrors: row.has_import_errors === 1,
  file: row.file,
  fileToken: row.file_token,
  bundle: row.bundle,
  owners: textsFromJson(row.owners),
  tags: textsFromJson(row.tags),
  schedule: row.schedule,
  scheduleDescription: row.schedule_description,
  nextRun: objectFromJsonOrNull(row.next_run) as NextRun | null,
  lastParsedAt: row.last_parsed_at,
  maxActiveRuns: row.max_active_runs,
});

export const toCell = (row: Selectable<DagTable>): DagCell => ({
  instance: toInstanceId(row.instance_id),
  dag: toDag(row),
  lastRun: toLastRun(row),
  observedAt: row.observed_at,
});
