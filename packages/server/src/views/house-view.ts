import type { RouteOutput, ROUTES } from "@airfleet/contract";
import type { AuditEntry, AuditVerification, IssuedToken, Token } from "@airfleet/control";
import type { ConfigEntry, EngineAuditEvent } from "@airfleet/model";
import { toInstant, toInstantOrNull } from "./instants.ts";

export const toAuditView = (entry: AuditEntry): RouteOutput<typeof ROUTES.listAudit>["items"][number] => ({
  seq: entry.seq,
  at: toInstant(entry.at),
  actor: entry.actor,
  verb: entry.verb,
  outcome: entry.outcome,
  instance: entry.instance,
  dag_id: entry.dagId,
  dag_run_id: entry.runId,
  task_id: entry.taskId,
  action: entry.actionId,
  details: { ...entry.details },
  source_ip: entry.sourceIp,
  request_id: entry.requestId,
  hash: entry.hash,
});

export const toVerificationView = (found: AuditVerification): RouteOutput<typeof ROUTES.verifyAudit> => ({
  ok: found.ok,
  rows: found.rows,
  last_seq: found.lastSeq,
  head: found.head,
  broken_at: found.brokenAt,
  reason: found.reason,
});

export const toTokenView = (token: Token): RouteOutput<typeof ROUTES.listTokens>["items"][number] => ({
  id: token.id,
  name: token.name,
  role: token.role,
  instances: [...token.instances],
  created_at: toInstant(token.createdAt),
  expires_at: toInstantOrNull(token.expiresAt),
  last_used_at: toInstantOrNull(token.lastUsedAt),
  revoked_at: toInstantOrNull(token.revokedAt),
});

export const toIssuedTokenView = (token: IssuedToken): RouteOutput<typeof ROUTES.createToken> => ({
  ...toTokenView(token),
  token: token.plain,
});

export const toConfigEntryView = (
  entry: ConfigEntry,
): RouteOutput<typeof ROUTES.listInstanceConfig>["items"][number] => ({
  kind: entry.kind,
  key: entry.key,
  description: entry.description,
  value_hash: entry.valueHash,
  facts: { ...entry.facts },
});

export const toEngineEventView = (
  event: EngineAuditEvent,
): RouteOutput<typeof ROUTES.listEngineEvents>["items"][number] => ({
  id: event.id,
  at: event.at,
  event: event.event,
  owner: event.owner,
  dag_id: event.dagId,
  dag_run_id: event.runId,
  task_id: event.taskId,
});
