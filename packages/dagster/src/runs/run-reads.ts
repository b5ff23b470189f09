import { type Page, type RunQuery, WINDOW_ROWS } from "@airfleet/engine";
import { AirfleetError, isTerminalRunState, type Run, type RunAddress } from "@airfleet/model";
import type { Deadline } from "@airfleet/http";
import { type Api, capabilityMissing } from "../api.ts";
import { PAGE_ROWS } from "../capabilities.ts";
import { findRunsDocument, type RunRow, runsDocument, type RunsFilter } from "../documents/runs.ts";
import { toSeconds } from "../instant.ts";
import type { NameTable } from "../jobs/job-names.ts";
import { needJob } from "../jobs/job-reads.ts";
import { RUN_ID_TAG, tagOf } from "../tags.ts";
import { findMembers, needGroup } from "./find-group.ts";
import { runIdOf } from "./run-group.ts";
import { toRun, toRunState, toStatuses } from "./to-run.ts";

export const getRun = async (api: Api, address: RunAddress, deadline: Deadline): Promise<Run> =>
  toRun(address.dagId, (await needGroup(api, address, deadline)).current);

const dagIdOf = (table: NameTable, { jobName, repositoryOrigin }: RunRow) =>
  table.idOf(jobName, repositoryOrigin?.repositoryLocationName ?? "", repositoryOrigin?.repositoryName ?? "");

/** Whether another run may stand for the group of this one: it was launched by us, was re-executed, or has ended and may have been. */
const mayBeSurpassed = (row: RunRow): boolean =>
  isTerminalRunState(toRunState(row.status)) || tagOf(row.tags, RUN_ID_TAG) !== undefined || row.rootRunId != null;

/** Of a page, the runs that stand for their groups. */
const dropSurpassed = async (api: Api, rows: readonly RunRow[], deadline: Deadline): Promise<RunRow[]> => {
  const table = await api.names.table(deadline);
  const doubtful = rows.filter(mayBeSurpassed);
  const addresses = doubtful.map((row) => ({ dagId: dagIdOf(table, row), runId: runIdOf(row) }));
  const groups = await findMembers(api, addresses, deadline);
  const surpassed = new Set(
    doubtful.filter((row, index) => groups[index]?.current.runId !== row.runId).map(({ runId }) => runId),
  );
  return rows.filter(({ runId }) => !surpassed.has(runId));
};

const toFilter = (query: RunQuery, jobName: string | undefined): RunsFilter => {
  const { states, changedSince, window } = query;
  return {
    ...(jobName === undefined ? {} : { pipelineName: jobName }),
    ...(states === undefined ? {} : { statuses: toStatuses(states) }),
    // Dagster's bounds are exclusive, ours are not.
    ...(changedSince === undefined ? {} : { updatedAfter: toSeconds(changedSince) - 0.001 }),
    ...(window === undefined
      ? {}
      : { createdAfter: toSeconds(window.from) - 0.001, createdBefore: toSeconds(window.to) + 0.001 }),
  };
};

const CURSOR = /^c([0-9a-f-]{36})$/;

/** Dagster answers an empty page to a cursor that it does not know: a walk would end in the middle without a word. */
const checkCursor = async (api: Api, cursor: string, deadline: Deadline): Promise<void> => {
  const document = findRunsDocument([{ runIds: [cursor] }]);
  const { q0 } = await api.graphql.ask(document, {}, deadline);
  if (q0?.results?.length !== 1) throw new AirfleetError("CURSOR_INVALID");
};

/** Newest launched first, also those that changed: a re-execution is a newer launch, so none is passed over. */
export const listRuns = async (api: Api, query: RunQuery, deadline: Deadline): Promise<Page<Run>> => {
  if (query.window?.by === "logicalDate") {
    throw capabilityMissing(api, "list runs by logical date", "Its runs have none; ask by runAfter.");
  }
  const place = query.dagId === undefined ? undefined : await needJob(api, query.dagId, deadline);
  const filter = toFilter(query, place?.job.pipelineName);
  if (filter.statuses?.length === 0) return { items: [], next: null, total: 0 };
  const cursor = query.after === undefined ? null : CURSOR.exec(query.after)?.[1];
  if (cursor === undefined) throw new AirfleetError("CURSOR_INVALID");
  const most = query.window === undefined ? PAGE_ROWS : WINDOW_ROWS;
  const limit = Math.min(query.limit ?? most, most);
  const { data, answeredAt } = await api.graphql.askDated(runsDocument, { filter, cursor, limit }, deadline);
  const rows = data.runsOrError.results;
  if (rows === undefined) throw api.graphql.refusal(runsDocument, data.runsOrError);
  if (rows.length === 0 && cursor !== null) await checkCursor(api, cursor, deadline);
  const table = await api.names.table(deadline);
  const runs = (await dropSurpassed(api, rows, deadline)).map((row) => toRun(dagIdOf(table, row), row));
  const last = rows.at(-1);
  return {
    items: query.dagId === undefined ? runs : runs.filter(({ dagId }) => dagId === query.dagId),
    next: rows.length < limit || last === undefined ? null : `c${last.runId}`,
    total: null,
    answeredAt,
  };
};
