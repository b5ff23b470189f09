import { AirfleetError, AlertRuleDefinition } from "@airfleet/model";
import type { JsonObject, StoredDocument } from "@airfleet/store";
import { z } from "zod";

/** URLs of a rule's Slack channels, by name. */
const RuleSecret = z.object({ slack: z.record(z.string(), z.string()) });

/** An alert rule as the reconciler works with it. */
export interface AlertRule {
  readonly definition: AlertRuleDefinition;
  readonly slackUrls: Readonly<Record<string, string>>;
}

/** A rule as people see it; times are epoch milliseconds. */
export interface ShownAlertRule {
  readonly id: string;
  /** Without the URLs of Slack channels. */
  readonly definition: AlertRuleDefinition;
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** @throws {z.ZodError} for a stored body that is none of ours */
export const parseAlertRule = ({ body, secret }: StoredDocument): AlertRule => ({
  definition: AlertRuleDefinition.parse(body),
  slackUrls: secret === null ? {} : RuleSecret.parse(secret).slack,
});

export const toShownRule = (document: StoredDocument): ShownAlertRule => ({
  id: document.id,
  definition: parseAlertRule(document).definition,
  version: document.version,
  createdAt: document.createdAt,
  updatedAt: document.updatedAt,
});

/** A definition without what is secret, and the secret; a channel whose URL is not given keeps the one it has. */
export const splitSecrets = (
  definition: AlertRuleDefinition,
  known: AlertRule["slackUrls"],
): { readonly body: JsonObject; readonly secret: JsonObject; readonly urls: readonly string[] } => {
  const slack: Record<string, string> = {};
  const notify = definition.notify.map((channel) => {
    if (channel.type !== "slack") return channel;
    const { url = known[channel.name], ...open } = channel;
    if (url === undefined) {
      const message = `the Slack channel "${channel.name}" needs a url`;
      throw new AirfleetError("REQUEST_INVALID", { summary: message }, { findings: [{ pointer: "/notify", message }] });
    }
    slack[channel.name] = url;
    return open;
  });
  return { body: { ...definition, notify }, secret: { slack }, urls: Object.values(slack) };
};
