import { type Deadline, parseAnswer, type WireAnswer } from "@airfleet/http";
import type { Page, RunQuery, RunWindow } from "@airfleet/engine";
import type { Run, RunAddress } from "@airfleet/model";
import { type Api, read, toRequest } from "../api.ts";
import { getDag } from "../dags/dag-reads.ts";
import { path } from "../api-path.ts";
import { capabilityMissing, dagUnknown, runUnknown } from "../missing.ts";
import { fromPageToken, toOffset, toPageToken } from "../page-tokens.ts";

/** One run. */
export const getRun = (api: Api, run: RunAddress, deadline: Deadline): Promise<Run> =>
  read(api, path`/dags/${run.dagId}/dagRuns/${run.runId}`, api.dialect.shapes.run, deadline, {
    missing: () => runUnknown(api, run),
  });

/**
 * One page of runs: newest created first, or what changed since a time.
 *
 * The feed of changes never skips a row, though one may come twice. Where the server has cursors (3.3) it goes from the
 * oldest change to the newest: a run that changes meanwhile moves ahead of us. Elsewhere it goes from the newest change
 * by offset: a run that changes moves behind us, pushing others back by one, and is found by the next walk, since that
 * one starts before this one did. Ascending by offset would let a moving run pull an unseen one into the page before.
 */
export const listRuns = async (api: Api, query: RunQuery, deadline: Deadline): Promise<Page<Run>> => {
  const { dialect } = api;
  const { dagId, window } = query;
  if (window !== undefined) return listWindow(api, { ...query, window }, deadline);
  const limit = Math.min(query.limit ?? dialect.pageRows, dialect.pageRows);
  const wire = dialect.runsQuery({ ...query, limit });
  if (asksForNoState(wire["state"])) return { items: [], next: null, total: 0 };
  const place = dagId === undefined ? path`/dags/~/dagRuns` : path`/dags/${dagId}/dagRuns`;
  const request = toRequest(api, "GET", place, { query: wire, ...(dagId === undefined ? {} : { passes: [404] }) });
  const answer = await api.http.call(request, deadline);
  if (answer.status === 404 && dagId !== undefined) throw dagUnknown(api, dagId);
  const page = parseAnswer(api.http, request, answer, dialect.shapes.runs);
  const start = fromPageToken(query.after);
  // Airflow 2 answers an empty list for a DAG that does not exist.
  if (dialect.generation === 2 && dagId !== undefined && start === null && page.rows.length === 0) {
    await getDag(api, dagId, deadline);
  }
  return {
    items: page.rows,
    next: nextToken(page, start?.kind === "offset" ? start.offset : 0, wire),
    total: page.total,
    answeredAt: answeredAt(answer),
  };
};

/** Asked only for states that Airflow does not have: without a filter it would answer all runs. */
const asksForNoState = (states: unknown): boolean => Array.isArray(states) && states.length === 0;

const answeredAt = ({ headers }: WireAnswer): number | null => {
  const time = Date.parse(headers.date ?? "");
  return Number.isNaN(time) ? null : time;
};

/** The POST lists of both generations are not clamped to a hundred rows, and filter by time alike. */
const listWindow = async (
  api: Api,
  query: RunQuery & { readonly window: RunWindow },
  deadline: Deadline,
): Promise<Page<Run>> => {
  const { dialect } = api;
  if (query.window.by === "runAfter" && !dialect.capabilities.dateless) {
    throw capabilityMissing(api, "list runs by when they were due", "Every run of Airflow 2 has a logical date.");
  }
  const limit = Math.min(query.limit ?? dialect.windowRows, dialect.windowRows);
  const offset = toOffset(query.after);
  const body = dialect.runWindowBody({ ...query, limit }, offset);
  if (asksForNoState(body["states"])) return { items: [], next: null, total: 0 };
  const request = toRequest(api, "POST", path`/dags/~/dagRuns/list`, { body, repeatable: true });
  const answer = await api.http.call(request, deadline);
  const page = parseAnswer(api.http, request, answer, dialect.shapes.runs);
  return {
    items: page.rows,
    next: nextToken(page, offset, {}),
    total: page.total,
    answeredAt: answeredAt(answer),
  };
};

const nextToken = (
  page: { readonly rows: readonly unknown[]; readonly total: number | null; readonly nextCursor: string | null },
  offset: number,
  wire: Readonly<Record<string, unknown>>,
): string | null => {
  if (page.rows.length === 0) return null;
  if ("cursor" in wire)
    return page.nextCursor === null ? null : toPageToken({ kind: "cursor", cursor: page.nextCursor });
  const end = offset + page.rows.length;
  return end < (page.total ?? 0) ? toPageToken({ kind: "offset", offset: end }) : null;
};
