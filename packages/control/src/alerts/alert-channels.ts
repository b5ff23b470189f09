import { AirfleetError, type AlertChannel } from "@airfleet/model";
import type { StoredDelivery } from "@airfleet/store";
import { z } from "zod";
import type { Clock } from "../clock.ts";
import type { Receiver, SendResult } from "../deliveries/receiver.ts";
import { readRetryAfter } from "../deliveries/retry-schedule.ts";
import type { DocumentFollower } from "../documents/document-follower.ts";
import type { OutboundClient } from "../outbound/outbound-client.ts";
import { channelReceiver } from "./alert-message.ts";
import type { AlertRule } from "./alert-rule.ts";
import type { Mailer } from "./mailer.ts";

interface ChannelPorts {
  readonly rules: DocumentFollower<AlertRule>;
  readonly outbound: OutboundClient;
  readonly mailer: Mailer | undefined;
  readonly clock: Clock;
}

/** An alert that could not be told for so long is told no more; a repetition or its end is on the way. */
const OUTDATED_MS = 6 * 3_600_000;

const MailPayload = z.object({ to: z.array(z.string()), subject: z.string(), text: z.string() });

type Message = Pick<StoredDelivery, "id" | "payload">;

const postToSlack = async (
  url: string,
  { payload }: Message,
  { outbound, clock, signal }: Pick<ChannelPorts, "outbound" | "clock"> & { readonly signal?: AbortSignal },
): Promise<SendResult> => {
  const request = { url, headers: {}, body: JSON.stringify(payload) };
  const { status, body, retryAfter } = await outbound.post(signal === undefined ? request : { ...request, signal });
  const isTaken = status >= 200 && status < 300;
  const retryAfterMs = readRetryAfter(retryAfter, clock.now());
  return {
    outcome: isTaken ? "delivered" : "failed",
    status,
    answer: body,
    error: isTaken ? null : `the receiver answered ${status}`,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
};

/** Sends one message through a channel other than a webhook. @throws {AirfleetError} SMTP_NOT_CONFIGURED */
export const sendThrough = (
  channel: Exclude<AlertChannel, { type: "webhook" }>,
  rule: AlertRule,
  message: Message,
  ports: Omit<ChannelPorts, "rules"> & { readonly signal?: AbortSignal },
): Promise<SendResult> => {
  if (channel.type === "slack") return postToSlack(rule.slackUrls[channel.name] ?? "", message, ports);
  if (ports.mailer === undefined) throw new AirfleetError("SMTP_NOT_CONFIGURED");
  return ports.mailer.send({ id: message.id, ...MailPayload.parse(message.payload) });
};

/** The channels of all rules that are not webhooks, which have receivers of their own. */
export const createAlertChannels =
  (ports: ChannelPorts): (() => readonly Receiver[]) =>
  () =>
    ports.rules.list().flatMap(({ document: { id }, meaning }) =>
      meaning.definition.notify.flatMap((channel, index): readonly Receiver[] => {
        if (channel.type === "webhook") return [];
        return [
          {
            name: channelReceiver(id, channel, index),
            concurrency: 1,
            async send(delivery, signal) {
              if (ports.clock.now() - delivery.createdAt > OUTDATED_MS) return { outcome: "gone", error: "outdated" };
              return sendThrough(channel, meaning, delivery, { ...ports, signal });
            },
          },
        ];
      }),
    );
