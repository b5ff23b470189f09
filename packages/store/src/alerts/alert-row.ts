import type { Selectable } from "kysely";
import { fromJson, textsFromJson } from "../text/stored-json.ts";
import type { AlertFacts, AlertFinding, AlertState, StoredAlert } from "./alert-repository.ts";
import type { AlertTable } from "./alert-table.ts";
import { toStorableText } from "../text/storable-text.ts";

export const toAlert = (row: Selectable<AlertTable>): StoredAlert => ({
  id: row.id,
  rule: row.rule_id,
  group: row.group_key,
  state: row.state as AlertState,
  condition: row.condition,
  summary: row.summary,
  instances: textsFromJson(row.instances),
  findings: fromJson(row.findings) as AlertFinding[],
  findingsTotal: row.findings_total,
  since: row.since,
  openedAt: row.opened_at,
  resolvedAt: row.resolved_at,
  notifiedAt: row.notified_at,
  snoozedUntil: row.snoozed_until,
  snoozedBy: row.snoozed_by,
  changedAt: row.changed_at,
});

/** The columns of what was found. */
export const factColumns = ({ summary, instances, findings, findingsTotal }: AlertFacts) => ({
  summary: toStorableText(summary),
  instances: JSON.stringify(instances),
  findings: toStorableText(JSON.stringify(findings)),
  findings_total: findingsTotal,
});
