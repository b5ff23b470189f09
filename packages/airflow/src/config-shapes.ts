import { canonicalJson } from "@airfleet/http";
import { createHash } from "node:crypto";
import type { ConfigEntry, EngineAuditEvent } from "@airfleet/model";
import { z } from "zod";
import { toInstant } from "./instant.ts";

const hash = (value: unknown): string => createHash("sha256").update(canonicalJson(value)).digest("hex");

/** What Airflow 3 writes in place of what it hides, also inside a value. */
const isMasked = (text: string | null | undefined): boolean => text?.includes("***") === true;

const total = z.number().nullish();

/** Variables: Airflow 2 shows every value in clear, Airflow 3 hides those with telling names. */
export const VariablesShape = z
  .object({
    variables: z.array(
      z.object({ key: z.string(), value: z.string().nullish(), description: z.string().nullish() }).transform(
        (row): ConfigEntry => ({
          kind: "variable",
          key: row.key,
          description: row.description ?? null,
          valueHash: isMasked(row.value) || row.value === undefined ? null : hash(row.value),
          facts: {},
        }),
      ),
    ),
    total_entries: total,
  })
  .transform(({ variables, total_entries }) => ({ rows: variables, total: total_entries ?? null, nextCursor: null }));

const ConnectionFields = z.object({
  connection_id: z.string(),
  conn_type: z.string().nullish(),
  description: z.string().nullish(),
  host: z.string().nullish(),
  schema: z.string().nullish(),
  login: z.string().nullish(),
  port: z.number().nullish(),
  password: z.string().nullish(),
  extra: z.string().nullish(),
});

/**
 * Connections. Airflow 2's list leaves out password and extra (undefined here), Airflow 3's hides what is secret in
 * them: only where everything is visible can two instances be compared by hash.
 */
export const ConnectionsShape = z
  .object({
    connections: z.array(
      ConnectionFields.transform((row): ConfigEntry => {
        const facts = {
          conn_type: row.conn_type ?? null,
          host: row.host ?? null,
          schema: row.schema ?? null,
          login: row.login ?? null,
          port: row.port ?? null,
        };
        const isHidden =
          row.password === undefined || row.extra === undefined || isMasked(row.password) || isMasked(row.extra);
        return {
          kind: "connection",
          key: row.connection_id,
          description: row.description ?? null,
          valueHash: isHidden ? null : hash({ ...facts, password: row.password, extra: row.extra }),
          facts,
        };
      }),
    ),
    total_entries: total,
  })
  .transform(({ connections, total_entries }) => ({
    rows: connections,
    total: total_entries ?? null,
    nextCursor: null,
  }));

/** Pools: nothing in them is secret. */
export const PoolsShape = z
  .object({
    pools: z.array(
      z
        .object({
          name: z.string(),
          slots: z.number(),
          description: z.string().nullish(),
          include_deferred: z.boolean().nullish(),
        })
        .transform((row): ConfigEntry => {
          const facts = { slots: row.slots, include_deferred: row.include_deferred ?? false };
          return {
            kind: "pool",
            key: row.name,
            description: row.description ?? null,
            valueHash: hash(facts),
            facts,
          };
        }),
    ),
    total_entries: total,
  })
  .transform(({ pools, total_entries }) => ({ rows: pools, total: total_entries ?? null, nextCursor: null }));

/** `/eventLogs`, the same in both generations. */
export const AuditEventsShape = z
  .object({
    event_logs: z.array(
      z
        .object({
          event_log_id: z.number(),
          when: z.string(),
          event: z.string(),
          owner: z.string().nullish(),
          dag_id: z.string().nullish(),
          run_id: z.string().nullish(),
          task_id: z.string().nullish(),
        })
        .transform(
          (row): EngineAuditEvent => ({
            id: String(row.event_log_id),
            at: toInstant(row.when),
            event: row.event,
            owner: row.owner ?? null,
            dagId: row.dag_id ?? null,
            runId: row.run_id ?? null,
            taskId: row.task_id ?? null,
          }),
        ),
    ),
    total_entries: total,
  })
  .transform(({ event_logs, total_entries }) => ({ rows: event_logs, total: total_entries ?? null, nextCursor: null }));
