import type { Page, RunQuery } from "@airfleet/engine";
import type { Run, RunAddress } from "@airfleet/model";
import { type Api, read } from "../api.ts";
import { getDag } from "../dags/dag-reads.ts";
import { path } from "../http/api-path.ts";
import type { Deadline } from "../http/deadline.ts";
import { dagUnknown, runUnknown } from "../missing.ts";
import { fromPageToken, toPageToken } from "../page-tokens.ts";

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
  const limit = Math.min(query.limit ?? dialect.pageRows, dialect.pageRows);
  const wire = dialect.runsQuery({ ...query, limit });
  // Asked only for states that Airflow does not have: without a filter it would answer all runs.
  if (Array.isArray(wire["state"]) && wire["state"].length === 0) return { items: [], next: null, total: 0 };
  const place = query.dagId === undefined ? path`/dags/~/dagRuns` : path`/dags/${query.dagId}/dagRuns`;
  const { dagId } = query;
  const page = await read(api, place, dialect.shapes.runs, deadline, {
    query: wire,
    ...(dagId === undefined ? {} : { missing: () => dagUnknown(api, dagId) }),
  });
  const start = fromPageToken(query.after);
  // Airflow 2 answers an empty list for a DAG that does not exist.
  if (dialect.generation === 2 && dagId !== undefined && start === null && page.rows.length === 0) {
    await getDag(api, dagId, deadline);
  }
  return {
    items: page.rows,
    next: nextToken(page, start?.kind === "offset" ? start.offset : 0, wire),
    total: page.total,
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
