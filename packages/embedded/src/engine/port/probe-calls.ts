import { createHash } from "node:crypto";
import type { AuditQuery, Capabilities, Probe } from "@airfleet/engine";
import type { ConfigEntry, ConfigKind, EngineAuditEvent } from "@airfleet/model";
import type { SQLInputValue } from "node:sqlite";
import { readLease } from "../database/lease.ts";
import { fromMicros, type Micros, toMicros } from "../instants.ts";
import { DEFAULT_POOL } from "../tasks/task-row.ts";
import { PAGE_LIMIT } from "./dag-calls.ts";
import type { EnginePlace } from "./place.ts";

export const CAPABILITIES: Capabilities = {
  exactlyOnce: "run_id",
  dateless: true,
  delayedStart: true,
  versions: true,
  tries: true,
  reparse: false,
  cursors: true,
  guardsActiveRuns: true,
  namesTriggeringUser: false,
  writesConfig: false,
  structuredLogs: true,
  // That a process is gone is written down; silence is asked for only where the whole server is gone.
  presumeGoneSeconds: 30,
  pageLimit: PAGE_LIMIT,
  lacks: ["credentials", "dag_files", "dag_dates", "mapping", "trigger_rules", "conf_ranges", "variables"],
};

export const probe = (place: EnginePlace): Probe => {
  const startedAt = performance.now();
  const { isHeld, heardAt } = readLease(place.database, place.now);
  return {
    version: place.version,
    generation: Number(place.version.split(".")[0]),
    support: "tested",
    capabilities: CAPABILITIES,
    health: {
      healthy: isHeld,
      components: [
        { name: "metadatabase", status: "healthy", heartbeatAt: null },
        {
          name: "scheduler",
          status: isHeld ? "healthy" : "unhealthy",
          heartbeatAt: heardAt > 0 ? new Date(heardAt).toISOString() : null,
        },
      ],
    },
    latencyMs: performance.now() - startedAt,
    authenticated: true,
    clockSkewMs: 0,
  };
};

/** The pools of the settings; it has no variables, and connections are the server's. */
export const listConfig = ({ limits }: EnginePlace, kind: ConfigKind): readonly ConfigEntry[] => {
  if (kind !== "pool") return [];
  const pools = { [DEFAULT_POOL]: limits.concurrency, ...limits.pools };
  return Object.entries(pools)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, slots]) => ({
      kind,
      key,
      description: null,
      valueHash: createHash("sha256").update(String(slots)).digest("hex"),
      facts: { slots },
    }));
};

interface AuditRow {
  readonly id: number;
  readonly at: Micros;
  readonly event: string;
  readonly dag_id: string | null;
  readonly run_id: string | null;
  readonly task_id: string | null;
}

export const listAuditEvents = (
  { database }: EnginePlace,
  { dagId, runId, since, limit = PAGE_LIMIT }: AuditQuery,
): readonly EngineAuditEvent[] => {
  const conditions: [string, SQLInputValue][] = [];
  if (dagId !== undefined) conditions.push(["dag_id = ?", dagId]);
  if (runId !== undefined) conditions.push(["run_id = ?", runId]);
  if (since !== undefined) conditions.push(["at >= ?", toMicros(since)]);
  const where = conditions.length === 0 ? "" : `where ${conditions.map(([text]) => text).join(" and ")}`;
  const values = conditions.map(([, value]) => value);
  return database
    .all<AuditRow>(`select * from audit ${where} order by id desc limit ?`, ...values, limit)
    .map((row) => ({
      id: String(row.id),
      at: fromMicros(row.at),
      event: row.event,
      owner: OWNER,
      dagId: row.dag_id,
      runId: row.run_id,
      taskId: row.task_id,
    }));
};

/** Whoever may write the file; who asked Airfleet for it stands in Airfleet's own audit log. */
const OWNER = "admin";
