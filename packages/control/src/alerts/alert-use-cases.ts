import { AirfleetError, type AlertChannel, type AlertRuleDefinition } from "@airfleet/model";
import type { AlertHistoryEntry, AlertQuery, Store, StoredAlert, StoredDocument, StorePage } from "@airfleet/store";
import type { Actor } from "../actor.ts";
import type { Clock } from "../clock.ts";
import { messageOf } from "../deliveries/delivery-pump.ts";
import type { SendResult } from "../deliveries/receiver.ts";
import { toAuthor } from "../documents/author.ts";
import type { DocumentFollower } from "../documents/document-follower.ts";
import type { OutboundClient } from "../outbound/outbound-client.ts";
import { parseWebhook } from "../webhooks/webhook.ts";
import { postSigned } from "../webhooks/webhook-receivers.ts";
import { sendThrough } from "./alert-channels.ts";
import { channelReceiver, toChannelPayload } from "./alert-message.ts";
import { type AlertRule, parseAlertRule, type ShownAlertRule, splitSecrets, toShownRule } from "./alert-rule.ts";
import type { Mailer } from "./mailer.ts";

/** What a test through one channel came to. */
export interface TestedChannel {
  readonly channel: string;
  readonly outcome: SendResult["outcome"];
  readonly status: number | null;
  readonly error: string | null;
}

/** Rules, what they found, and who has asked for silence. */
export interface AlertUseCases {
  /** In order of id. */
  listRules(): Promise<readonly ShownAlertRule[]>;
  /** @throws DOCUMENT_UNKNOWN */
  getRule(id: string): Promise<ShownAlertRule>;
  /** @throws DOCUMENT_EXISTS, REQUEST_INVALID, ADDRESS_REFUSED, ALERT_RULE_RECEIVER_UNKNOWN, SMTP_NOT_CONFIGURED */
  createRule(actor: Actor, id: string, definition: AlertRuleDefinition): Promise<ShownAlertRule>;
  /** A Slack channel without a URL keeps the one it has. @throws as createRule, DOCUMENT_UNKNOWN, VERSION_CONFLICT */
  updateRule(actor: Actor, id: string, definition: AlertRuleDefinition, version: number): Promise<ShownAlertRule>;
  /** Its alerts end in silence. @throws DOCUMENT_UNKNOWN, VERSION_CONFLICT */
  removeRule(actor: Actor, id: string, version: number): Promise<void>;
  /** Sends a test message through every channel of the rule, now. @throws DOCUMENT_UNKNOWN */
  testRule(actor: Actor, id: string): Promise<readonly TestedChannel[]>;
  /** Newest first. @throws CURSOR_INVALID */
  list(query: AlertQuery): Promise<StorePage<StoredAlert>>;
  /** @throws ALERT_UNKNOWN */
  get(id: string): Promise<{ readonly alert: StoredAlert; readonly history: readonly AlertHistoryEntry[] }>;
  /** No more notices of this alert until then (epoch milliseconds); null ends the silence. @throws ALERT_UNKNOWN */
  snooze(actor: Actor, id: string, until: number | null): Promise<StoredAlert>;
}

interface AlertPorts {
  readonly store: Pick<Store, "alerts" | "audit" | "deliveries" | "documents">;
  readonly rules: DocumentFollower<AlertRule>;
  readonly outbound: OutboundClient;
  readonly mailer: Mailer | undefined;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly onWritten: () => void;
}

const KIND = "alert_rule" as const;

export const createAlertUseCases = (ports: AlertPorts): AlertUseCases => {
  const { store, rules, outbound, mailer, clock, newId, onWritten } = ports;
  const { alerts, documents } = store;

  const find = async (id: string): Promise<StoredDocument> => {
    const document = await documents.find(KIND, id);
    if (document === undefined) throw new AirfleetError("DOCUMENT_UNKNOWN", { kind: "alert rule", id });
    return document;
  };

  /** What could never be told is refused when it is written. */
  const checkChannels = async ({ notify }: AlertRuleDefinition, urls: readonly string[]): Promise<void> => {
    for (const url of urls) await outbound.check(url);
    for (const channel of notify) {
      if (channel.type === "email" && mailer === undefined) throw new AirfleetError("SMTP_NOT_CONFIGURED");
      if (channel.type !== "webhook") continue;
      const { webhook } = channel;
      const known = await documents.find("webhook", webhook);
      if (known === undefined) throw new AirfleetError("ALERT_RULE_RECEIVER_UNKNOWN", { webhook });
    }
  };

  const changed = async (): Promise<void> => {
    onWritten();
    await rules.refresh();
  };

  const note = async (actor: Actor, verb: string, details: Readonly<Record<string, unknown>>): Promise<void> => {
    const { actor: who, sourceIp = null, requestId = null } = toAuthor(actor);
    await store.audit.append({ actor: who, verb, outcome: "done", details, sourceIp, requestId });
    onWritten();
  };

  const send = async (
    channel: AlertChannel,
    rule: AlertRule,
    message: Parameters<typeof postSigned>[1],
  ): Promise<SendResult> => {
    if (channel.type !== "webhook") return sendThrough(channel, rule, message, { outbound, mailer, clock });
    const document = await documents.find("webhook", channel.webhook);
    if (document === undefined) return { outcome: "failed", error: `webhook "${channel.webhook}" is not there` };
    return postSigned({ document, meaning: parseWebhook(document) }, message, { outbound, clock });
  };

  return {
    listRules: async () => (await documents.list(KIND)).map(toShownRule),
    getRule: async (id) => toShownRule(await find(id)),

    async createRule(actor, id, definition) {
      const { body, secret, urls } = splitSecrets(definition, {});
      await checkChannels(definition, urls);
      const document = await documents.create({ kind: KIND, id, body, secret }, toAuthor(actor));
      await changed();
      return toShownRule(document);
    },

    async updateRule(actor, id, definition, version) {
      const { slackUrls } = parseAlertRule(await find(id));
      const { body, secret, urls } = splitSecrets(definition, slackUrls);
      await checkChannels(definition, urls);
      const document = await documents.update({ kind: KIND, id, body, secret }, version, toAuthor(actor));
      await changed();
      return toShownRule(document);
    },

    async removeRule(actor, id, version) {
      const { definition } = parseAlertRule(await find(id));
      await documents.remove(KIND, id, version, toAuthor(actor));
      await changed();
      for (const [index, channel] of definition.notify.entries()) {
        if (channel.type === "webhook") continue;
        await store.deliveries.abandon(channelReceiver(id, channel, index), "the alert rule was removed");
      }
    },

    async testRule(actor, id) {
      const rule = parseAlertRule(await find(id));
      const { condition, description, notify } = rule.definition;
      const at = clock.now();
      const finding = { key: "test", text: "this is a test; nothing is wrong", instance: null };
      const facts = { summary: finding.text, instances: [], findings: [finding], findingsTotal: 1 };
      const news = { ...facts, id: newId(), rule: id, description, condition, group: "", since: at, at };
      const tested: TestedChannel[] = [];
      for (const [index, channel] of notify.entries()) {
        const message = { id: `${news.id}.${index}`, payload: toChannelPayload(channel, { ...news, tell: "test" }) };
        let result: SendResult;
        try {
          result = await send(channel, rule, message);
        } catch (error) {
          result = { outcome: "failed", error: messageOf(error) };
        }
        const { outcome, status = null, error = null } = result;
        tested.push({ channel: channelReceiver(id, channel, index), outcome, status, error });
      }
      await note(actor, "alert_rule:test", {
        id,
        channels: tested.map(({ channel, outcome }) => ({ channel, outcome })),
      });
      return tested;
    },

    list: (query) => alerts.list(query),

    async get(id) {
      const alert = await alerts.find(id);
      if (alert === undefined) throw new AirfleetError("ALERT_UNKNOWN", { alert: id });
      return { alert, history: await alerts.history(id) };
    },

    async snooze(actor, id, until) {
      const alert = await alerts.snooze(id, until, actor.id);
      if (alert === undefined) throw new AirfleetError("ALERT_UNKNOWN", { alert: id });
      await note(actor, "alert:snooze", { id, until: until === null ? null : new Date(until).toISOString() });
      return alert;
    },
  };
};
