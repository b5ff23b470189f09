import type { Deadline } from "@airfleet/http";
import type { AuditQuery } from "@airfleet/engine";
import type { EngineAuditEvent } from "@airfleet/model";
import { type Api, readAll } from "../api.ts";
import { path } from "../api-path.ts";

/** Rows when the caller names no number: the table grows by several rows per task. */
const DEFAULT_ROWS = 100;

/** The engine's own audit log, newest first. */
export const listAuditEvents = async (
  api: Api,
  query: AuditQuery,
  deadline: Deadline,
): Promise<readonly EngineAuditEvent[]> => {
  const rows = await readAll(api, path`/eventLogs`, api.dialect.shapes.auditEvents, deadline, {
    query: api.dialect.auditQuery(query),
    atMost: query.limit ?? DEFAULT_ROWS,
  });
  // Rows written meanwhile push others onto the next page.
  return [...new Map(rows.map((row) => [row.id, row])).values()];
};
