import type { BackendProfile } from "../backend/profile.ts";

/** What people define through the API: rules, policies, webhooks, alert rules, event sources. */
const documents = ({ text, integer, tableEnd, clusteredTableEnd }: BackendProfile): readonly string[] => [
  `create table documents (
    kind ${text} not null,
    id ${text} not null,
    body ${text} not null,
    sealed ${text},
    version ${integer} not null,
    created_at ${integer} not null,
    updated_at ${integer} not null,
    primary key (kind, id)
  ) ${tableEnd}`,
  `create table document_revisions (
    kind ${text} primary key,
    revision ${integer} not null
  ) ${clusteredTableEnd}`,
];

/**
 * What is sent out. A delivery is leased by whoever sends it; what each try came to stands in `delivery_attempts`. How
 * far a reader of the event log has come stands in `event_cursors` and moves in the transaction of what it wrote.
 */
const deliveries = ({ text, integer, tableEnd, clusteredTableEnd }: BackendProfile): readonly string[] => [
  `create table event_cursors (
    name ${text} primary key,
    seq ${integer} not null,
    updated_at ${integer} not null
  ) ${clusteredTableEnd}`,
  `create table deliveries (
    id ${text} primary key,
    receiver ${text} not null,
    type ${text} not null,
    state ${text} not null,
    dedupe_key ${text} unique,
    instance_id ${text},
    payload ${text} not null,
    attempts ${integer} not null,
    tries_left ${integer} not null,
    last_status ${integer},
    last_error ${text},
    lease_owner ${text},
    lease_until ${integer},
    fencing_token ${integer} not null,
    not_before ${integer} not null,
    created_at ${integer} not null,
    finished_at ${integer}
  ) ${tableEnd}`,
  "create index deliveries_pending on deliveries (receiver, not_before, id) where state = 'pending'",
  "create index deliveries_by_receiver on deliveries (receiver, id)",
  "create index deliveries_by_state on deliveries (receiver, state, id)",
  "create index deliveries_finished on deliveries (finished_at) where finished_at is not null",
  `create table delivery_attempts (
    delivery_id ${text} not null,
    attempt ${integer} not null,
    at ${integer} not null,
    duration_ms ${integer} not null,
    status ${integer},
    answer ${text},
    error ${text},
    primary key (delivery_id, attempt)
  ) ${clusteredTableEnd}`,
];

/** What the alert rules found. One alert is not resolved per rule and group at a time. */
const alerts = ({ text, integer, tableEnd, clusteredTableEnd }: BackendProfile): readonly string[] => [
  `create table alerts (
    id ${text} primary key,
    rule_id ${text} not null,
    group_key ${text} not null,
    state ${text} not null,
    condition ${text} not null,
    summary ${text} not null,
    instances ${text} not null,
    findings ${text} not null,
    findings_total ${integer} not null,
    since ${integer} not null,
    opened_at ${integer},
    resolved_at ${integer},
    notified_at ${integer},
    snoozed_until ${integer},
    snoozed_by ${text},
    changed_at ${integer} not null
  ) ${tableEnd}`,
  "create unique index alerts_unresolved on alerts (rule_id, group_key) where state <> 'resolved'",
  "create index alerts_by_state on alerts (state, id)",
  "create index alerts_by_rule on alerts (rule_id, id)",
  "create index alerts_resolved on alerts (resolved_at) where resolved_at is not null",
  `create table alert_history (
    alert_id ${text} not null,
    number ${integer} not null,
    at ${integer} not null,
    kind ${text} not null,
    actor ${text},
    details ${text} not null,
    primary key (alert_id, number)
  ) ${clusteredTableEnd}`,
];

/** Definitions that are kept through the API, what is sent to others, and alerts. */
export const documentsDeliveriesAlerts = (profile: BackendProfile): readonly string[] => [
  ...documents(profile),
  ...deliveries(profile),
  ...alerts(profile),
];
