import type { NewDelivery } from "../deliveries/delivery-repository.ts";
import type { StorePage } from "../paging/cursor.ts";
import type { JsonObject } from "../text/stored-json.ts";

/**
 * Where an alert stands: `pending` while what it tells of is not yet so for as long as the rule wants, `open`, and
 * `resolved`. One that was never open goes without a trace.
 */
export const ALERT_STATES = ["pending", "open", "resolved"] as const;
export type AlertState = (typeof ALERT_STATES)[number];

/** One thing that a rule found. */
export interface AlertFinding {
  /** Tells one finding of a group from another. */
  readonly key: string;
  readonly text: string;
  readonly instance: string | null;
  readonly dagId?: string;
  readonly dagRunId?: string;
  /** Our key of the run. */
  readonly run?: string;
  readonly subject?: { readonly type: string; readonly id: string };
  /** Whether it was told to somebody. */
  readonly told?: boolean;
}

/** What is kept of a group that a rule found; times are epoch milliseconds. */
export interface AlertFacts {
  readonly summary: string;
  /** In order of id. */
  readonly instances: readonly string[];
  readonly findings: readonly AlertFinding[];
  /** How many there are; the list may hold fewer. */
  readonly findingsTotal: number;
}

export interface StoredAlert extends AlertFacts {
  readonly id: string;
  readonly rule: string;
  readonly group: string;
  readonly state: AlertState;
  readonly condition: string;
  /** Since when it is so. */
  readonly since: number;
  readonly openedAt: number | null;
  readonly resolvedAt: number | null;
  /** When it was last told. */
  readonly notifiedAt: number | null;
  readonly snoozedUntil: number | null;
  readonly snoozedBy: string | null;
  readonly changedAt: number;
}

export const ALERT_HISTORY_KINDS = ["opened", "notified", "snoozed", "woken", "resolved"] as const;
export type AlertHistoryKind = (typeof ALERT_HISTORY_KINDS)[number];

export interface AlertHistoryEntry {
  readonly at: number;
  readonly kind: AlertHistoryKind;
  /** Who; null for ourselves. */
  readonly actor: string | null;
  readonly details: JsonObject;
}

/** One step of an alert. Everything in it is written, or nothing. */
export interface AlertChange {
  readonly rule: string;
  readonly group: string;
  readonly condition: string;
  /** As it was read; null for a new one. */
  readonly before: StoredAlert | null;
  /** `dropped`: a pending one whose cause has gone. */
  readonly state: AlertState | "dropped";
  readonly since: number;
  readonly facts: AlertFacts;
  /** What is sent for it; marks it as told now. */
  readonly deliveries: (alertId: string) => readonly NewDelivery[];
  readonly isTold: boolean;
}

export interface AlertQuery {
  readonly states?: readonly AlertState[];
  readonly rules?: readonly string[];
  /** Only alerts of these rules, or about exactly one of these instances. */
  readonly visible?: { readonly rules: readonly string[]; readonly instances: readonly string[] };
  readonly limit: number;
  readonly after?: string;
}

export interface AlertRepository {
  /** Pending and open ones of a rule. */
  unresolved(rule: string): Promise<readonly StoredAlert[]>;
  /** Rules that have unresolved alerts. */
  unresolvedRules(): Promise<readonly string[]>;
  /**
   * Writes a step with its history, its event and what is sent for it, in one transaction.
   * @returns The alert as it is now, or undefined when somebody else changed it meanwhile: then nothing is written.
   */
  change(change: AlertChange): Promise<StoredAlert | undefined>;
  find(id: string): Promise<StoredAlert | undefined>;
  /** Oldest first. */
  history(id: string): Promise<readonly AlertHistoryEntry[]>;
  /** Newest first. */
  list(query: AlertQuery): Promise<StorePage<StoredAlert>>;
  /** Quiet until then, or no more with null. @returns undefined when there is no such open alert. */
  snooze(id: string, until: number | null, actor: string): Promise<StoredAlert | undefined>;
  /** Drops alerts resolved before this time (epoch milliseconds). @returns How many. */
  sweep(before: number, batch?: number): Promise<number>;
}
