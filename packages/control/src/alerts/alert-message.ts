import type { AlertChannel, AlertRuleDefinition } from "@airfleet/model";
import type { AlertFacts, AlertFinding, JsonObject, NewDelivery } from "@airfleet/store";
import { TRIES } from "../deliveries/retry-schedule.ts";
import { fitMessage } from "../webhooks/fit-message.ts";
import { receiverOf } from "../webhooks/webhook.ts";
import type { AlertStep } from "./plan-alerts.ts";

/** What is said of an alert. */
export interface AlertNews extends AlertFacts {
  readonly id: string;
  readonly rule: string;
  readonly description: string;
  readonly condition: string;
  readonly group: string;
  readonly tell: Exclude<AlertStep["tell"], null> | "test";
  /** Epoch milliseconds. */
  readonly since: number;
  readonly at: number;
}

/** Findings that a message names; it says how many there are. */
const FINDINGS_TOLD = 20;

/** The name under which deliveries to one channel of a rule stand. */
export const channelReceiver = (rule: string, channel: AlertChannel, index: number): string => {
  switch (channel.type) {
    case "webhook":
      return receiverOf(channel.webhook);
    case "slack":
      return `alert_rule/${rule}/slack/${channel.name}`;
    case "email":
      return `alert_rule/${rule}/email/${index}`;
    default:
      return channel satisfies never;
  }
};

const PREFIX = { opened: "", again: "Still: ", resolved: "Resolved: ", test: "Test: " } as const;

const subjectLine = ({ tell, rule, summary }: AlertNews): string =>
  `[Airfleet] ${PREFIX[tell]}${rule}: ${summary}`.slice(0, 200);

const lines = (news: AlertNews): readonly string[] => {
  const told = news.findings.slice(0, FINDINGS_TOLD).map(({ text }) => `- ${text}`);
  const more = news.findingsTotal - told.length;
  return [...told, ...(more > 0 ? [`- and ${more} more`] : [])];
};

const plainText = (news: AlertNews): string =>
  [
    subjectLine(news),
    ...(news.description === "" ? [] : ["", news.description]),
    "",
    ...lines(news),
    "",
    `since ${new Date(news.since).toISOString()}, alert ${news.id}, condition ${news.condition}`,
  ].join("\n");

/** Slack takes these three for its own markup; nothing else is special in `text`. */
const forSlack = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const toFindingData = ({ text, instance, dagId, dagRunId, run, subject }: AlertFinding): JsonObject => ({
  text,
  instance,
  ...(dagId !== undefined && { dag_id: dagId }),
  ...(dagRunId !== undefined && { dag_run_id: dagRunId }),
  ...(run !== undefined && { run }),
  ...(subject !== undefined && { subject }),
});

const toWebhookMessage = (news: AlertNews): JsonObject =>
  fitMessage({
    type: news.tell === "test" ? "alert.test" : news.tell === "resolved" ? "alert.resolved" : "alert.opened",
    timestamp: new Date(news.at).toISOString(),
    data: {
      id: news.id,
      rule: news.rule,
      condition: news.condition,
      group: news.group,
      is_repetition: news.tell === "again",
      summary: news.summary,
      since: new Date(news.since).toISOString(),
      instances: news.instances,
      findings: news.findings.slice(0, FINDINGS_TOLD).map(toFindingData),
      findings_total: news.findingsTotal,
    },
  });

/** What a channel is sent. */
export const toChannelPayload = (channel: AlertChannel, news: AlertNews): JsonObject => {
  switch (channel.type) {
    case "webhook":
      return toWebhookMessage(news);
    case "slack":
      return { text: forSlack(plainText(news)) };
    case "email":
      return { to: channel.to, subject: subjectLine(news), text: plainText(news) };
    default:
      return channel satisfies never;
  }
};

/** What is sent for an alert, one delivery for each channel of its rule. */
export const toDeliveries = (definition: AlertRuleDefinition, news: AlertNews): readonly NewDelivery[] => {
  const [only] = news.instances;
  return definition.notify.map((channel, index) => ({
    receiver: channelReceiver(news.rule, channel, index),
    type: `alert.${news.tell === "again" ? "opened" : news.tell}`,
    instance: news.instances.length === 1 ? (only ?? null) : null,
    payload: toChannelPayload(channel, news),
    tries: TRIES,
  }));
};
