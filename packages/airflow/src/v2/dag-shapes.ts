import { type Dag, type DagDetail, type DagVersion, type ImportError, toDagId } from "@airfleet/model";
import { z } from "zod";
import { paramDefaults } from "../dag-fields.ts";
import { toInstantOrNull } from "../instant.ts";

const time = z.string().nullish();

const DagFields = z.object({
  dag_id: z.string(),
  dag_display_name: z.string().nullish(),
  description: z.string().nullish(),
  is_paused: z.boolean(),
  is_stale: z.boolean(),
  has_import_errors: z.boolean().nullish(),
  fileloc: z.string().nullish(),
  relative_fileloc: z.string().nullish(),
  file_token: z.string().nullish(),
  bundle_name: z.string().nullish(),
  owners: z.array(z.string()).nullish(),
  tags: z.array(z.object({ name: z.string() })).nullish(),
  timetable_summary: z.string().nullish(),
  timetable_description: z.string().nullish(),
  next_dagrun_logical_date: time,
  next_dagrun_data_interval_start: time,
  next_dagrun_data_interval_end: time,
  next_dagrun_run_after: time,
  last_parsed_time: time,
  max_active_runs: z.number().nullish(),
});

const toDag = (dag: z.infer<typeof DagFields>): Dag => ({
  dagId: toDagId(dag.dag_id),
  displayName: dag.dag_display_name ?? dag.dag_id,
  description: dag.description ?? null,
  isPaused: dag.is_paused,
  isStale: dag.is_stale,
  hasImportErrors: dag.has_import_errors ?? false,
  file: dag.relative_fileloc ?? dag.fileloc ?? null,
  fileToken: dag.file_token ?? null,
  bundle: dag.bundle_name ?? null,
  owners: dag.owners ?? [],
  tags: (dag.tags ?? []).map(({ name }) => name),
  schedule: dag.timetable_summary ?? null,
  scheduleDescription: dag.timetable_description ?? null,
  nextRun:
    (dag.next_dagrun_logical_date ?? dag.next_dagrun_run_after ?? null) === null
      ? null
      : {
          logicalDate: toInstantOrNull(dag.next_dagrun_logical_date),
          intervalStart: toInstantOrNull(dag.next_dagrun_data_interval_start),
          intervalEnd: toInstantOrNull(dag.next_dagrun_data_interval_end),
          runAfter: toInstantOrNull(dag.next_dagrun_run_after),
        },
  lastParsedAt: toInstantOrNull(dag.last_parsed_time),
  maxActiveRuns: dag.max_active_runs ?? null,
});

/** A DAG of Airflow 3. */
export const DagShape = DagFields.transform(toDag);

export const DagsShape = z
  .object({ dags: z.array(DagShape), total_entries: z.number() })
  .transform(({ dags, total_entries }) => ({ rows: dags, total: total_entries, nextCursor: null }));

export const DagDetailShape = DagFields.extend({
  doc_md: z.string().nullish(),
  timezone: z.string().nullish(),
  catchup: z.boolean().nullish(),
  start_date: time,
  end_date: time,
  params: z.record(z.string(), z.unknown()).nullish(),
  latest_dag_version: z.object({ version_number: z.number() }).nullish(),
}).transform(
  (detail): DagDetail => ({
    ...toDag(detail),
    docMd: detail.doc_md ?? null,
    timezone: detail.timezone ?? null,
    catchup: detail.catchup ?? null,
    startDate: toInstantOrNull(detail.start_date),
    endDate: toInstantOrNull(detail.end_date),
    params: paramDefaults(detail.params ?? {}),
    versionNumber: detail.latest_dag_version?.version_number ?? null,
  }),
);

export const DagVersionsShape = z
  .object({
    dag_versions: z.array(
      z
        .object({
          version_number: z.number(),
          bundle_name: z.string().nullish(),
          bundle_version: z.string().nullish(),
          created_at: time,
        })
        .transform(
          (version): DagVersion => ({
            number: version.version_number,
            bundle: version.bundle_name ?? null,
            bundleVersion: version.bundle_version ?? null,
            createdAt: toInstantOrNull(version.created_at),
          }),
        ),
    ),
    total_entries: z.number(),
  })
  .transform(({ dag_versions, total_entries }) => ({ rows: dag_versions, total: total_entries, nextCursor: null }));

export const ImportErrorsShape = z
  .object({
    import_errors: z.array(
      z
        .object({
          import_error_id: z.number(),
          filename: z.string().nullish(),
          bundle_name: z.string().nullish(),
          stack_trace: z.string().nullish(),
          timestamp: time,
        })
        .transform(
          (row): ImportError => ({
            id: String(row.import_error_id),
            file: row.filename ?? "",
            bundle: row.bundle_name ?? null,
            stackTrace: row.stack_trace ?? "",
            at: toInstantOrNull(row.timestamp),
          }),
        ),
    ),
    total_entries: z.number(),
  })
  .transform(({ import_errors, total_entries }) => ({ rows: import_errors, total: total_entries, nextCursor: null }));
