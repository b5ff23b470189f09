import { type Dag, type DagDetail, type ImportError, toDagId } from "@airfleet/model";
import { z } from "zod";
import { describeDelta, paramDefaults, TimeDelta } from "../dag-fields.ts";
import { toInstantOrNull } from "../instant.ts";

const time = z.string().nullish();

/** A cron text, a timedelta or a relativedelta, as one text. */
const Schedule = z.union([
  z.object({ value: z.string() }).transform(({ value }) => value),
  TimeDelta.transform(describeDelta),
  z.record(z.string(), z.unknown()).transform((parts) => {
    const set = Object.entries(parts).filter(([, amount]) => typeof amount === "number" && amount !== 0);
    return `relativedelta(${set.map(([unit, amount]) => `${unit}=+${String(amount)}`).join(", ")})`;
  }),
]);

const DagFields = z.object({
  dag_id: z.string(),
  dag_display_name: z.string().nullish(),
  description: z.string().nullish(),
  is_paused: z.boolean().nullish(),
  is_active: z.boolean().nullish(),
  has_import_errors: z.boolean().nullish(),
  fileloc: z.string().nullish(),
  file_token: z.string().nullish(),
  owners: z.array(z.string()).nullish(),
  tags: z.array(z.object({ name: z.string() })).nullish(),
  schedule_interval: Schedule.nullish(),
  timetable_description: z.string().nullish(),
  next_dagrun: time,
  next_dagrun_data_interval_start: time,
  next_dagrun_data_interval_end: time,
  next_dagrun_create_after: time,
  last_parsed_time: time,
  max_active_runs: z.number().nullish(),
});

const toDag = (dag: z.infer<typeof DagFields>): Dag => ({
  dagId: toDagId(dag.dag_id),
  displayName: dag.dag_display_name ?? dag.dag_id,
  description: dag.description ?? null,
  isPaused: dag.is_paused ?? false,
  isStale: dag.is_active === false,
  hasImportErrors: dag.has_import_errors ?? false,
  file: dag.fileloc ?? null,
  fileToken: dag.file_token ?? null,
  bundle: null,
  owners: dag.owners ?? [],
  tags: (dag.tags ?? []).map(({ name }) => name),
  schedule: dag.schedule_interval ?? null,
  scheduleDescription: dag.timetable_description ?? null,
  nextRun:
    (dag.next_dagrun ?? dag.next_dagrun_create_after ?? null) === null
      ? null
      : {
          logicalDate: toInstantOrNull(dag.next_dagrun),
          intervalStart: toInstantOrNull(dag.next_dagrun_data_interval_start),
          intervalEnd: toInstantOrNull(dag.next_dagrun_data_interval_end),
          runAfter: toInstantOrNull(dag.next_dagrun_create_after),
        },
  lastParsedAt: toInstantOrNull(dag.last_parsed_time),
  maxActiveRuns: dag.max_active_runs ?? null,
});

/** A DAG of Airflow 2. */
export const DagShape = DagFields.transform(toDag);

export const DagsShape = z
  .object({ dags: z.array(DagShape), total_entries: z.number() })
  .transform(({ dags, total_entries }) => ({ rows: dags, total: total_entries, nextCursor: null }));

/** `…/details`: its `owners` is empty on 2.11 whatever the DAG says, so owners are taken from the DAG itself. */
export const DagDetailShape = DagFields.extend({
  doc_md: z.string().nullish(),
  timezone: z.string().nullish(),
  catchup: z.boolean().nullish(),
  start_date: time,
  end_date: time,
  params: z.record(z.string(), z.unknown()).nullish(),
}).transform(
  (detail): DagDetail => ({
    ...toDag(detail),
    docMd: detail.doc_md ?? null,
    timezone: detail.timezone ?? null,
    catchup: detail.catchup ?? null,
    startDate: toInstantOrNull(detail.start_date),
    endDate: toInstantOrNull(detail.end_date),
    params: paramDefaults(detail.params ?? {}),
    versionNumber: null,
  }),
);

export const ImportErrorsShape = z
  .object({
    import_errors: z.array(
      z
        .object({
          import_error_id: z.number(),
          filename: z.string().nullish(),
          stack_trace: z.string().nullish(),
          timestamp: time,
        })
        .transform(
          (row): ImportError => ({
            id: String(row.import_error_id),
            file: row.filename ?? "",
            bundle: null,
            stackTrace: row.stack_trace ?? "",
            at: toInstantOrNull(row.timestamp),
          }),
        ),
    ),
    total_entries: z.number(),
  })
  .transform(({ import_errors, total_entries }) => ({ rows: import_errors, total: total_entries, nextCursor: null }));
