import { AlertRuleDefinition } from "@airfleet/model";
import { z } from "zod";
import { defineRoute } from "../route.ts";
import {
  AlertDetailView,
  AlertListQuery,
  AlertParams,
  AlertRuleParams,
  AlertRuleTestView,
  AlertRuleView,
  AlertSnooze,
  AlertView,
} from "../schemas/alerts.ts";
import { page } from "../schemas/primitives.ts";

const area = "Alerts";
const RULE = "/api/v1/alert-rules/{rule}";
const versionErrors = ["VERSION_CONFLICT", "VERSION_MISSING"] as const;

export const listAlertRules = defineRoute({
  id: "listAlertRules",
  method: "GET",
  path: "/api/v1/alert-rules",
  area,
  summary: "List what is watched for, and whom it is told",
  permission: "alert:read",
  response: page(AlertRuleView),
  errors: [],
});

export const getAlertRule = defineRoute({
  id: "getAlertRule",
  method: "GET",
  path: RULE,
  area,
  summary: "Show an alert rule, with its version as ETag",
  permission: "alert:read",
  params: AlertRuleParams,
  response: AlertRuleView,
  errors: ["DOCUMENT_UNKNOWN"],
});

export const putAlertRule = defineRoute({
  id: "putAlertRule",
  method: "PUT",
  path: RULE,
  area,
  summary: "Write an alert rule: a new one without If-Match, one that is there with the ETag that was last read",
  description: "URLs of Slack channels are kept encrypted and not shown; leave them out to keep them.",
  permission: "alert:write",
  audited: true,
  params: AlertRuleParams,
  body: AlertRuleDefinition,
  response: AlertRuleView,
  errors: [
    "ADDRESS_REFUSED",
    "ALERT_RULE_RECEIVER_UNKNOWN",
    "DOCUMENT_EXISTS",
    "DOCUMENT_UNKNOWN",
    "SMTP_NOT_CONFIGURED",
    ...versionErrors,
  ],
  example: {
    params: { rule: "nightly" },
    body: {
      condition: "run_failed_no_later_success",
      dag_ids: ["orders_*"],
      tiers: ["production"],
      notify: [{ type: "slack", name: "ops", url: "https://hooks.slack.com/services/…" }],
    },
  },
});

export const deleteAlertRule = defineRoute({
  id: "deleteAlertRule",
  method: "DELETE",
  path: RULE,
  area,
  summary: "Remove an alert rule; its alerts end in silence",
  permission: "alert:write",
  audited: true,
  params: AlertRuleParams,
  response: z.undefined(),
  status: 204,
  errors: ["DOCUMENT_UNKNOWN", ...versionErrors],
});

export const testAlertRule = defineRoute({
  id: "testAlertRule",
  method: "POST",
  path: `${RULE}/test`,
  area,
  summary: "Send a test message through every channel of the rule now",
  permission: "alert:write",
  audited: true,
  params: AlertRuleParams,
  response: AlertRuleTestView,
  errors: ["DOCUMENT_UNKNOWN"],
});

export const listAlerts = defineRoute({
  id: "listAlerts",
  method: "GET",
  path: "/api/v1/alerts",
  area,
  summary: "List open and resolved alerts, newest first",
  permission: "alert:read",
  query: AlertListQuery,
  response: page(AlertView),
  errors: ["CURSOR_INVALID"],
});

export const getAlert = defineRoute({
  id: "getAlert",
  method: "GET",
  path: "/api/v1/alerts/{alert}",
  area,
  summary: "Show an alert with its history",
  permission: "alert:read",
  params: AlertParams,
  response: AlertDetailView,
  errors: ["ALERT_UNKNOWN"],
});

export const snoozeAlert = defineRoute({
  id: "snoozeAlert",
  method: "POST",
  path: "/api/v1/alerts/{alert}/snooze",
  area,
  summary: "Send nothing more for an open alert until a time, or end the silence",
  permission: "alert:snooze",
  audited: true,
  params: AlertParams,
  body: AlertSnooze,
  response: AlertView,
  errors: ["ALERT_UNKNOWN"],
  example: { body: { until: "2026-11-22T08:00:00Z" } },
});
