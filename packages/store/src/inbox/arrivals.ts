import {
  type InstanceId,
  type ReportFormat,
  type RunKey,
  type RunState,
  toInstanceId,
  toRunKey,
} from "@airfleet/model";
import type { StoreContext } from "../context.ts";
import { fromCursor, type StorePage, toCursor, toPage } from "../paging/cursor.ts";
import type { ReportKind } from "./reports.ts";

/** What became of a report that was not a repetition. */
export type ArrivalOutcome = "accepted" | "rejected";

/** A report that came, whether it could be used or not. Times are epoch milliseconds. */
export interface Arrival {
  readonly id: string;
  readonly outcome: ArrivalOutcome;
  readonly source: string;
  readonly instance: InstanceId | null;
  readonly run: RunKey | null;
  readonly dagId: string | null;
  readonly runId: string | null;
  readonly format: ReportFormat | null;
  readonly kind: ReportKind | null;
  readonly taskId: string | null;
  readonly tryNumber: number | null;
  readonly mapIndex: number | null;
  readonly runState: RunState | null;
  readonly isError: boolean;
  /** Why it could not be used. */
  readonly reasonCode: string | null;
  readonly reason: string | null;
  readonly sentAt: number | null;
  readonly receivedAt: number;
}

export interface ArrivalQuery {
  /** Only of these instances; those of no known instance are then left out. */
  readonly instances?: readonly string[];
  readonly dagIds?: readonly string[];
  readonly outcome?: ArrivalOutcome;
  /** Only what came after the arrival with this id. */
  readonly since?: string;
  readonly limit: number;
  readonly after?: string;
}

/** What came in, newest first. */
export interface ArrivalRepository {
  list(query: ArrivalQuery): Promise<StorePage<Arrival>>;
}

/** `rep_…` and `rej_…` are made of the same time and chance behind their prefix. */
const placeOf = (id: string): string => id.slice(4);

interface Range {
  readonly before: string | undefined;
  readonly since: string | undefined;
  readonly take: number;
}

const listAccepted = async ({ db }: StoreContext, query: ArrivalQuery, range: Range): Promise<readonly Arrival[]> => {
  let rows = db.selectFrom("reports").selectAll();
  if (query.instances !== undefined) rows = rows.where("instance_id", "in", query.instances);
  if (query.dagIds !== undefined) rows = rows.where("dag_id", "in", query.dagIds);
  if (range.before !== undefined) rows = rows.where("id", "<", `rep_${range.before}`);
  if (range.since !== undefined) rows = rows.where("id", ">", `rep_${range.since}`);
  const found = await rows.orderBy("id", "desc").limit(range.take).execute();
  return found.map((row) => ({
    id: row.id,
    outcome: "accepted",
    source: row.source,
    instance: toInstanceId(row.instance_id),
    run: toRunKey(row.run_key),
    dagId: row.dag_id,
    runId: row.run_id,
    format: row.format as ReportFormat,
    kind: row.kind as ReportKind,
    taskId: row.task_id,
    tryNumber: row.try_number,
    mapIndex: row.map_index,
    runState: row.run_state as RunState | null,
    isError: row.is_error === 1,
    reasonCode: null,
    reason: null,
    sentAt: row.sent_at,
    receivedAt: row.received_at,
  }));
};

const listRejected = async ({ db }: StoreContext, query: ArrivalQuery, range: Range): Promise<readonly Arrival[]> => {
  let rows = db.selectFrom("rejected_reports").selectAll();
  if (query.instances !== undefined) rows = rows.where("instance_id", "in", query.instances);
  if (range.before !== undefined) rows = rows.where("id", "<", `rej_${range.before}`);
  if (range.since !== undefined) rows = rows.where("id", ">", `rej_${range.since}`);
  const found = await rows.orderBy("id", "desc").limit(range.take).execute();
  return found.map((row) => ({
    id: row.id,
    outcome: "rejected",
    source: row.source,
    instance: row.instance_id === null ? null : toInstanceId(row.instance_id),
    run: null,
    dagId: null,
    runId: null,
    format: null,
    kind: null,
    taskId: null,
    tryNumber: null,
    mapIndex: null,
    runState: null,
    isError: true,
    reasonCode: row.reason_code,
    reason: row.reason,
    sentAt: row.sent_at,
    receivedAt: row.received_at,
  }));
};

export const createArrivalRepository = (context: StoreContext): ArrivalRepository => ({
  async list(query) {
    const { instances, dagIds, outcome, since, limit, after } = query;
    if (instances?.length === 0 || dagIds?.length === 0) return { items: [], next: null };
    const asked = { instances, dagIds, outcome, since };
    const [before] = after === undefined ? [] : fromCursor("arrivals", asked, ["string"], after);
    const range = {
      before: before === undefined ? undefined : String(before),
      since: since === undefined ? undefined : placeOf(since),
      take: limit + 1,
    };
    // What was rejected names no DAG that could be believed.
    const rejected = outcome === "accepted" || dagIds !== undefined ? [] : await listRejected(context, query, range);
    const accepted = outcome === "rejected" ? [] : await listAccepted(context, query, range);
    const newest = [...accepted, ...rejected].toSorted((left, right) =>
      placeOf(left.id) > placeOf(right.id) ? -1 : 1,
    );
    return toPage(newest, limit, {
      item: (arrival) => arrival,
      cursor: ({ id }) => toCursor("arrivals", asked, [placeOf(id)]),
    });
  },
});
