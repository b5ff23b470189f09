import type { RouteOutput, ROUTES } from "@airfleet/contract";
import type { ShownAlertRule } from "@airfleet/control";
import type { AlertCondition } from "@airfleet/model";
import type { AlertHistoryEntry, StoredAlert } from "@airfleet/store";
import { toInstant, toInstantOrNull } from "./instants.ts";

export const toAlertRuleView = (kept: ShownAlertRule): RouteOutput<typeof ROUTES.getAlertRule> => ({
  id: kept.id,
  version: kept.version,
  rule: kept.definition,
  created_at: toInstant(kept.createdAt),
  updated_at: toInstant(kept.updatedAt),
});

export const toAlertView = (alert: StoredAlert): RouteOutput<typeof ROUTES.snoozeAlert> => ({
  id: alert.id,
  rule: alert.rule,
  // Only rules write it, and their conditions are checked.
  condition: alert.condition as AlertCondition,
  group: alert.group,
  state: alert.state,
  summary: alert.summary,
  instances: [...alert.instances],
  findings: alert.findings.map(({ text, instance, dagId, dagRunId, run, subject }) => ({
    text,
    instance,
    dag_id: dagId ?? null,
    dag_run_id: dagRunId ?? null,
    run: run ?? null,
    subject: subject ?? null,
  })),
  findings_total: alert.findingsTotal,
  since: toInstant(alert.since),
  opened_at: toInstantOrNull(alert.openedAt),
  resolved_at: toInstantOrNull(alert.resolvedAt),
  notified_at: toInstantOrNull(alert.notifiedAt),
  snoozed_until: toInstantOrNull(alert.snoozedUntil),
  snoozed_by: alert.snoozedBy,
});

export const toAlertDetailView = (
  alert: StoredAlert,
  history: readonly AlertHistoryEntry[],
): RouteOutput<typeof ROUTES.getAlert> => ({
  ...toAlertView(alert),
  history: history.map(({ at, kind, actor, details }) => ({ at: toInstant(at), kind, actor, details: { ...details } })),
});
