import { z } from "zod";
import { TIERS } from "../instance/instance-config.ts";
import { SUBJECT_TYPE_PATTERN } from "../work/subject.ts";

/**
 * What an alert rule looks for.
 *
 *  - `run_failed_no_later_success`: a run failed, and its DAG has no success that was due later.
 *  - `instance_unreachable`: it did not answer the last time, or refused our credentials.
 *  - `scheduler_silent`: it answers, and says that its scheduler does not work.
 *  - `import_error`: a DAG file that it cannot parse.
 *  - `trigger_rejected`: a trigger of ours was rejected or failed lately.
 *  - `subject_stale`: no run of the subject has succeeded for `stale_after_seconds`.
 */
export const ALERT_CONDITIONS = [
  "run_failed_no_later_success",
  "instance_unreachable",
  "scheduler_silent",
  "import_error",
  "trigger_rejected",
  "subject_stale",
] as const;
export type AlertCondition = (typeof ALERT_CONDITIONS)[number];

const DAY_SECONDS = 86_400;

const WebhookChannel = z.strictObject({
  type: z.literal("webhook"),
  webhook: z.string().min(1).max(64).describe("Id of a webhook; it gets alert.opened and alert.resolved, signed."),
});
const SlackChannel = z.strictObject({
  type: z.literal("slack"),
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,31}$/)
    .default("slack")
    .describe("Tells one Slack channel of the rule from another."),
  url: z
    .string()
    .min(1)
    .max(2_000)
    .optional()
    .describe(
      "URL of an incoming webhook of Slack, Mattermost or the like. Kept encrypted, never shown; absent keeps it.",
    ),
});
const EmailChannel = z.strictObject({
  type: z.literal("email"),
  to: z.array(z.email().max(320)).min(1).max(50),
});

/** Where an alert is told. */
export const AlertChannel = z.discriminatedUnion("type", [WebhookChannel, SlackChannel, EmailChannel]);
export type AlertChannel = z.infer<typeof AlertChannel>;

const fields = {
  description: z.string().max(1_000).default(""),
  enabled: z.boolean().default(true),
  condition: z.enum(ALERT_CONDITIONS),
  instances: z
    .array(z.string().regex(/^[A-Za-z0-9_.*-]{1,64}$/))
    .min(1)
    .max(100)
    .default(["*"])
    .describe("Instances, * stands for any text."),
  tiers: z.array(z.enum(TIERS)).max(3).default([]).describe("Only instances of these tiers; none given means all."),
  labels: z.record(z.string().max(100), z.string().max(200)).default({}).describe("Only instances with these labels."),
  dag_ids: z.array(z.string().min(1).max(250)).max(100).default([]).describe("DAGs, * stands for any text."),
  subject_type: z.string().regex(SUBJECT_TYPE_PATTERN).nullable().default(null),
  stale_after_seconds: z
    .number()
    .int()
    .min(60)
    .max(3_650 * DAY_SECONDS)
    .nullable()
    .default(null),
  within_seconds: z
    .number()
    .int()
    .min(60)
    .max(30 * DAY_SECONDS)
    .default(3_600)
    .describe("How long a rejected trigger is alarming."),
  for_seconds: z
    .number()
    .int()
    .min(0)
    .max(30 * DAY_SECONDS)
    .default(0)
    .describe("How long it must be so before it is told."),
  group_by: z
    .enum(["rule", "instance", "dag"])
    .default("instance")
    .describe("Findings of one rule, instance or DAG make one alert."),
  notify: z.array(AlertChannel).max(10).default([]),
  repeat_seconds: z
    .number()
    .int()
    .min(0)
    .max(30 * DAY_SECONDS)
    .default(4 * 3_600)
    .describe("How often an open alert is told again; 0 is never."),
  notify_resolved: z.boolean().default(true),
} as const;

/** What a person says of an alert rule. */
export const AlertRuleDefinition = z
  .strictObject(fields)
  .superRefine((rule, context) => {
    if (rule.condition === "subject_stale") {
      for (const name of ["subject_type", "stale_after_seconds"] as const) {
        if (rule[name] === null) context.addIssue({ code: "custom", path: [name], message: "subject_stale needs it" });
      }
    }
    const names = rule.notify.flatMap((channel) => (channel.type === "slack" ? [channel.name] : []));
    if (new Set(names).size < names.length) {
      context.addIssue({ code: "custom", path: ["notify"], message: "two Slack channels have the same name" });
    }
  })
  .meta({ id: "AlertRuleDefinition" });
export type AlertRuleDefinition = z.infer<typeof AlertRuleDefinition>;
