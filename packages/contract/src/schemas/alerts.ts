import { ALERT_CONDITIONS, AlertRuleDefinition } from "@airfleet/model";
import { z } from "zod";
import { InstantSchema, JsonObject, PageQuery, QueryList } from "./primitives.ts";
import { DocumentIdSchema } from "./subject-rules.ts";

export const AlertRuleParams = z.strictObject({ rule: DocumentIdSchema });
export const AlertParams = z.strictObject({ alert: z.string().min(1).max(100) });

export const AlertRuleView = z
  .object({
    id: z.string(),
    version: z.number().int(),
    /** Without the URLs of Slack channels. */
    rule: AlertRuleDefinition,
    created_at: InstantSchema,
    updated_at: InstantSchema,
  })
  .meta({ id: "StoredAlertRule" });

export const AlertRuleTestView = z
  .object({
    channels: z.array(
      z.object({
        channel: z.string(),
        outcome: z.enum(["delivered", "failed", "gone"]),
        status: z.number().int().nullable(),
        error: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: "AlertRuleTest" });

const alertFields = {
  id: z.string(),
  rule: z.string(),
  condition: z.enum(ALERT_CONDITIONS),
  /** The instance or DAG whose findings it groups; empty for all of the rule. */
  group: z.string(),
  state: z.enum(["pending", "open", "resolved"]),
  summary: z.string(),
  instances: z.array(z.string()),
  /** At most 50. */
  findings: z.array(
    z.object({
      text: z.string(),
      instance: z.string().nullable(),
      dag_id: z.string().nullable(),
      dag_run_id: z.string().nullable(),
      /** Our key of the run. */
      run: z.string().nullable(),
      subject: z.object({ type: z.string(), id: z.string() }).nullable(),
    }),
  ),
  findings_total: z.number().int(),
  since: InstantSchema,
  opened_at: InstantSchema.nullable(),
  resolved_at: InstantSchema.nullable(),
  notified_at: InstantSchema.nullable(),
  snoozed_until: InstantSchema.nullable(),
  snoozed_by: z.string().nullable(),
} as const;

export const AlertView = z.object(alertFields).meta({ id: "Alert" });

export const AlertDetailView = z
  .object({
    ...alertFields,
    history: z.array(
      z.object({
        at: InstantSchema,
        kind: z.enum(["opened", "notified", "snoozed", "woken", "resolved"]),
        actor: z.string().nullable(),
        details: JsonObject,
      }),
    ),
  })
  .meta({ id: "AlertDetail" });

export const AlertListQuery = z.strictObject({
  ...PageQuery,
  state: z.enum(["pending", "open", "resolved"]).optional(),
  rule: QueryList.optional(),
});

export const AlertSnooze = z
  .strictObject({
    /** Until when nothing more is sent for it; at most 90 days. Null ends the silence. */
    until: InstantSchema.nullable(),
  })
  .meta({ id: "AlertSnooze" });
