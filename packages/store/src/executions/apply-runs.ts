import { createHash } from "node:crypto";
import { type ExecutionTrigger, isTerminalRunState, type RunRecord, toExecutionStatus } from "@airfleet/model";
import type { InstanceId, RunKey } from "@airfleet/model";
import type { Selectable, Transaction, Updateable } from "kysely";
import type { StoreContext } from "../context.ts";
import { appendEvents, type EventNote } from "../events/events.ts";
import type { Database } from "../schema.ts";
import { toStorableText } from "../text/storable-text.ts";
import { executionChanged, executionParamsPlace } from "./execution-row.ts";
import type { ExecutionTable } from "./execution-tables.ts";

type Trx = Transaction<Database>;
type Row = Selectable<ExecutionTable>;

interface ObservedRun {
  readonly key: RunKey;
  readonly record: RunRecord;
}

const PIPELINE_DAG = /^pipeline_([0-9a-f]{8})_([0-9a-f]{4})_([0-9a-f]{4})_([0-9a-f]{4})_([0-9a-f]{12})$/;

const pipelineOf = ({ record }: ObservedRun): string | null =>
  PIPELINE_DAG.exec(record.dagId)?.slice(1).join("-") ?? null;

/** The same id for a run whoever finds it first. */
const idOf = (key: RunKey): string => {
  const hex = createHash("sha256").update(key).digest("hex");
  // Version 8: made by a rule of our own.
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return parts.join("-");
};

const confOf = ({ record }: ObservedRun): Readonly<Record<string, unknown>> =>
  record.read?.run.conf ?? record.heard?.conf ?? {};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const triggerTypeOf = (run: ObservedRun): ExecutionTrigger => {
  const type = run.record.read?.run.type;
  return type === "scheduled" || type === "backfill" ? "scheduled" : "manual";
};

/** Work that waits once a run is over, or that is over once it goes on again. */
const stageOf = (run: ObservedRun, row: Pick<Row, "stage" | "status" | "cancelled_at">): Updateable<ExecutionTable> => {
  if (row.stage === "stopping") return {};
  if (isTerminalRunState(run.record.state)) {
    const isNews =
      row.cancelled_at === null ? row.status !== toExecutionStatus(run.record.state) : row.stage !== "done";
    return isNews ? { stage: "collecting" } : {};
  }
  return row.stage === "following" ? {} : { stage: "following", work_at: null };
};

const timesOf = ({ record }: ObservedRun, row: Pick<Row, "started_at" | "completed_at" | "cancelled_at"> | null) => {
  const read = record.read?.run;
  const ended = isTerminalRunState(record.state) ? (read?.endedAt ?? null) : null;
  return {
    started_at: read?.startedAt ?? row?.started_at ?? null,
    // A cancelled one ended when it was cancelled, until the engine tells when its run did.
    completed_at: ended ?? (row === null || row.cancelled_at === null ? null : row.completed_at),
    engine_state: read?.engineState ?? null,
  };
};

const HOLLOW =
  "The engine calls the run a success, but every task of it was removed: it ran with an older copy of the pipeline and did nothing. Execute it again.";

type ErrorColumns = Pick<Row, "error_code" | "error_message" | "error_trace">;

const NO_ERROR: ErrorColumns = { error_code: null, error_message: null, error_trace: null };

const isHollow = ({ record }: ObservedRun): boolean =>
  record.state === "failed" && record.read?.run.state === "success";

const errorOf = (run: ObservedRun, row: ErrorColumns): ErrorColumns => {
  if (isHollow(run)) return { error_code: "EXECUTION_HOLLOW", error_message: HOLLOW, error_trace: null };
  const { state } = run.record;
  // What an earlier attempt failed of is no longer so.
  if (state !== "failed" && state !== "lost") return NO_ERROR;
  const { error_code, error_message, error_trace } = row;
  return { error_code, error_message, error_trace };
};

const differs = (row: Row, next: Updateable<ExecutionTable>): boolean =>
  (Object.keys(next) as (keyof ExecutionTable)[]).some((column) => row[column] !== next[column]);

const change = async (trx: Trx, context: StoreContext, row: Row, run: ObservedRun): Promise<readonly EventNote[]> => {
  const isCancelled = row.cancelled_at !== null;
  const type = run.record.read?.run.type;
  const next: Updateable<ExecutionTable> = {
    ...timesOf(run, row),
    ...(isCancelled ? {} : { status: toExecutionStatus(run.record.state), ...errorOf(run, row) }),
    // A run that was only heard of did not say what had started it.
    ...(row.is_discovered === 1 && type !== undefined ? { trigger_type: triggerTypeOf(run) } : {}),
    ...stageOf(run, row),
  };
  if (!differs(row, next)) return [];
  const changed = await trx
    .updateTable("executions")
    .set({
      ...next,
      ...(next.stage === "collecting" ? { work_at: context.now() } : {}),
      ...(next.stage === undefined ? {} : { stage_note: null }),
      updated_at: context.clock(),
    })
    .where("id", "=", row.id)
    .returningAll()
    .executeTakeFirstOrThrow();
  return changed.status === row.status ? [] : [executionChanged(changed, row.status)];
};

const discover = async (
  trx: Trx,
  context: StoreContext,
  found: { readonly instance: InstanceId; readonly pipeline: string; readonly run: ObservedRun },
): Promise<readonly EventNote[]> => {
  const { instance, pipeline, run } = found;
  const { record, key } = run;
  const { params } = confOf(run);
  const id = idOf(key);
  const triggerType = triggerTypeOf(run);
  const schedule =
    triggerType === "scheduled"
      ? await trx
          .selectFrom("schedules")
          .select("id")
          .where("pipeline_id", "=", pipeline)
          .where("is_primary", "=", 1)
          .executeTakeFirst()
      : undefined;
  const isOver = isTerminalRunState(record.state);
  const now = context.clock();
  const row = await trx
    .insertInto("executions")
    .values({
      id,
      pipeline_id: pipeline,
      revision: null,
      artifact_hash: null,
      instance_id: instance,
      dag_id: toStorableText(record.dagId),
      run_id: toStorableText(record.runId),
      run_key: key,
      trigger_id: null,
      schedule_id: schedule?.id ?? null,
      tick: null,
      scope: null,
      request_hash: null,
      trigger_type: triggerType,
      triggered_by: toStorableText(record.read?.run.triggeredBy ?? `instance:${instance}`),
      is_discovered: 1,
      status: toExecutionStatus(record.state),
      stage: isOver ? "collecting" : "following",
      stage_note: null,
      ...timesOf(run, null),
      sealed_params: isObject(params) ? context.box.seal(executionParamsPlace(id), params) : null,
      result: null,
      ...errorOf(run, NO_ERROR),
      metrics: "null",
      cancelled_by: null,
      cancelled_at: null,
      work_at: isOver ? context.now() : null,
      lease_until: null,
      fencing_token: 0,
      attempts: 0,
      deadline_at: null,
      created_at: now,
      updated_at: now,
    })
    // Somebody else's transaction may have found the run first.
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? [] : [executionChanged(row, null)];
};

/**
 * Moves the executions of these runs along, in the transaction that writes the runs; a run of a pipeline that has none
 * gets one, whoever started it.
 */
export const applyRunsToExecutions = async (
  trx: Trx,
  context: StoreContext,
  instance: InstanceId,
  runs: readonly ObservedRun[],
): Promise<void> => {
  const ours = runs.filter((run) => pipelineOf(run) !== null);
  if (ours.length === 0) return;
  const rows = await trx
    .selectFrom("executions")
    .selectAll()
    .where(
      "run_key",
      "in",
      ours.map(({ key }) => key),
    )
    .orderBy("id")
    .modifyEnd(context.profile.forUpdate)
    .execute();
  const byKey = new Map(rows.map((row) => [row.run_key, row]));
  const notes: EventNote[] = [];
  for (const run of ours) {
    const row = byKey.get(run.key);
    if (row !== undefined) {
      notes.push(...(await change(trx, context, row, run)));
      continue;
    }
    const pipeline = pipelineOf(run) ?? "";
    const known = await trx.selectFrom("pipelines").select("id").where("id", "=", pipeline).executeTakeFirst();
    if (known !== undefined) notes.push(...(await discover(trx, context, { instance, pipeline, run })));
  }
  if (notes.length > 0) await appendEvents(trx, context, notes);
};
