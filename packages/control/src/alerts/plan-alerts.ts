import type { AlertRuleDefinition } from "@airfleet/model";
import type { AlertFacts, AlertFinding, AlertState, StoredAlert } from "@airfleet/store";
import type { Trouble } from "./find-troubles.ts";

/** A step that follows from what a rule found. */
export interface AlertStep {
  readonly group: string;
  readonly before: StoredAlert | null;
  readonly state: AlertState | "dropped";
  readonly since: number;
  readonly facts: AlertFacts;
  /** Whether people are told: that it opened, goes on or grew, or that it is over. */
  readonly tell: "opened" | "again" | "resolved" | null;
}

/** Findings that are kept of an alert, the newest of them: what joins a long list must be noticed. Their number is told beside. */
const FINDINGS_KEPT = 50;
const TEXT_LIMIT = 500;
/** What joins an open alert is told soon, but not one by one. */
export const GROWTH_MS = 5 * 60_000;

const groupOf = ({ group_by: by }: AlertRuleDefinition, { instance, dagId }: Trouble): string => {
  if (by === "rule") return "";
  if (by === "instance" || dagId === undefined) return instance ?? "";
  return `${instance ?? ""}/${dagId}`;
};

const bySince = (left: Trouble, right: Trouble): number => (left.since ?? 0) - (right.since ?? 0);

const toFinding = ({ since: _since, ...finding }: Trouble, told: boolean): AlertFinding => ({
  ...finding,
  text: finding.text.slice(0, TEXT_LIMIT).toWellFormed(),
  told,
});

const summaryOf = (troubles: readonly Trouble[]): string => {
  const [first] = troubles;
  const more = troubles.length - 1;
  const text = (first?.text ?? "").slice(0, TEXT_LIMIT).toWellFormed();
  return more > 0 ? `${text} (and ${more} more)` : text;
};

const toFacts = (troubles: readonly Trouble[], told: ReadonlySet<string> | "all"): AlertFacts => ({
  summary: summaryOf(troubles),
  instances: [...new Set(troubles.flatMap(({ instance }) => instance ?? []))].toSorted(),
  findings: troubles.slice(-FINDINGS_KEPT).map((one) => toFinding(one, told === "all" || told.has(one.key))),
  findingsTotal: troubles.length,
});

const isQuiet = ({ snoozedUntil }: StoredAlert, now: number): boolean => snoozedUntil !== null && snoozedUntil > now;

/** Whether an open alert is told again: its time has come, a snooze has ended, or something joined it. */
const isDue = (rule: AlertRuleDefinition, alert: StoredAlert, troubles: readonly Trouble[], now: number): boolean => {
  if (isQuiet(alert, now)) return false;
  const toldAt = alert.notifiedAt ?? 0;
  if (alert.snoozedUntil !== null && toldAt < alert.snoozedUntil) return true;
  if (rule.repeat_seconds > 0 && now - toldAt >= rule.repeat_seconds * 1_000) return true;
  const known = new Set(alert.findings.filter(({ told }) => told === true).map(({ key }) => key));
  const isGrown = troubles.slice(-FINDINGS_KEPT).some(({ key }) => !known.has(key));
  return isGrown && now - toldAt >= GROWTH_MS;
};

const isSame = (left: AlertFacts, right: AlertFacts): boolean =>
  left.summary === right.summary &&
  left.findingsTotal === right.findingsTotal &&
  left.findings.length === right.findings.length &&
  left.findings.every(
    (one, index) => one.key === right.findings[index]?.key && one.text === right.findings[index]?.text,
  );

const goOn = (
  rule: AlertRuleDefinition,
  group: string,
  troubles: readonly Trouble[],
  { before, now }: { readonly before: StoredAlert | null; readonly now: number },
): AlertStep | undefined => {
  const known = troubles.flatMap(({ since }) => since ?? []);
  const since = before?.since ?? Math.min(now, ...known);
  if (before?.state !== "open") {
    const isReady = now - since >= rule.for_seconds * 1_000;
    if (!isReady && before !== null) return undefined;
    const facts = toFacts(troubles, isReady ? "all" : new Set());
    return { group, before, state: isReady ? "open" : "pending", since, facts, tell: isReady ? "opened" : null };
  }
  if (isDue(rule, before, troubles, now)) {
    return { group, before, state: "open", since, facts: toFacts(troubles, "all"), tell: "again" };
  }
  const told = new Set(before.findings.filter((one) => one.told === true).map(({ key }) => key));
  const facts = toFacts(troubles, told);
  return isSame(before, facts) ? undefined : { group, before, state: "open", since, facts, tell: null };
};

/** How an alert ends whose cause has gone. */
export const endAlert = (
  { notify_resolved: tellsEnd }: Pick<AlertRuleDefinition, "notify_resolved">,
  before: StoredAlert,
  now: number,
): AlertStep => {
  const { group, since, summary, instances, findings, findingsTotal } = before;
  const facts = { summary, instances, findings, findingsTotal };
  if (before.state === "pending") return { group, before, state: "dropped", since, facts, tell: null };
  const isTold = tellsEnd && !isQuiet(before, now);
  return { group, before, state: "resolved", since, facts, tell: isTold ? "resolved" : null };
};

/**
 * What follows from a rule's findings for its alerts: a pure function, so that a crash before it is written, or a second
 * server, leads to the same steps again.
 *
 * @param unresolved Pending and open alerts of the rule.
 */
export const planAlerts = (
  rule: AlertRuleDefinition,
  troubles: readonly Trouble[],
  unresolved: readonly StoredAlert[],
  now: number,
): readonly AlertStep[] => {
  const groups = Map.groupBy(troubles.toSorted(bySince), (trouble) => groupOf(rule, trouble));
  const known = new Map(unresolved.map((alert) => [alert.group, alert]));
  const going = [...groups].flatMap(
    ([group, found]) => goOn(rule, group, found, { before: known.get(group) ?? null, now }) ?? [],
  );
  const ended = unresolved.filter(({ group }) => !groups.has(group)).map((alert) => endAlert(rule, alert, now));
  return [...going, ...ended];
};
