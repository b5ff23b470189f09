import type { DocumentKind, Store, StoredDelivery, StoredDocument } from "@airfleet/store";
import type { Clock } from "../clock.ts";
import type { Receiver, SendResult } from "../deliveries/receiver.ts";
import { readRetryAfter } from "../deliveries/retry-schedule.ts";
import type { DocumentFollower } from "../documents/document-follower.ts";
import type { OutboundClient } from "../outbound/outbound-client.ts";
import { isSending, parseWebhook, receiverOf, type SendableWebhook } from "./webhook.ts";
import { readKeys, signMessage } from "./webhook-keys.ts";

interface ReceiverPorts {
  readonly store: Pick<Store, "documents" | "events">;
  readonly webhooks: DocumentFollower<SendableWebhook>;
  readonly outbound: OutboundClient;
  readonly clock: Clock;
  readonly onWritten: () => void;
}

const KIND: DocumentKind = "webhook";
/** RFC 9110: nobody is there, and that is meant to stay so. */
const GONE = 410;

const isSuccess = (status: number): boolean => status >= 200 && status < 300;

/** Posts one message, signed now: a receiver checks how old the signature is. */
export const postSigned = async (
  { document, meaning }: { readonly document: StoredDocument; readonly meaning: SendableWebhook },
  message: Pick<StoredDelivery, "id" | "payload">,
  { outbound, clock, signal }: Pick<ReceiverPorts, "outbound" | "clock"> & { readonly signal?: AbortSignal },
): Promise<SendResult> => {
  const body = JSON.stringify(message.payload);
  const now = clock.now();
  const headers = signMessage(readKeys(document.secret), { id: message.id, body, now });
  const request = { url: meaning.body.url, headers, body };
  const answer = await outbound.post(signal === undefined ? request : { ...request, signal });
  const retryAfterMs = readRetryAfter(answer.retryAfter, now);
  return {
    outcome: isSuccess(answer.status) ? "delivered" : answer.status === GONE ? "gone" : "failed",
    status: answer.status,
    answer: answer.body,
    error: isSuccess(answer.status) ? null : `the receiver answered ${answer.status}`,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
};

/** Who is sent to, from the webhooks as they are. */
export const createWebhookReceivers = (ports: ReceiverPorts): (() => readonly Receiver[]) => {
  const { store, webhooks, onWritten } = ports;

  /** A receiver that says 410 is not called again until a person enables it; whoever follows events hears of it. */
  const disable = async (id: string): Promise<void> => {
    const document = await store.documents.find(KIND, id);
    if (document === undefined) return;
    const { body } = parseWebhook(document);
    if (body.disabled !== null) return;
    const disabled = { reason: `the receiver answered ${GONE}`, at: ports.clock.now() };
    await store.documents.update({ kind: KIND, id, body: { ...body, disabled } }, document.version, {
      actor: "system",
    });
    await store.events.append({ kind: "webhook.disabled", payload: { id, reason: disabled.reason } });
    onWritten();
    await webhooks.refresh();
  };

  return () =>
    webhooks
      .list()
      .filter(({ meaning }) => isSending(meaning.body))
      .map(({ document: { id }, meaning }) => ({
        name: receiverOf(id),
        concurrency: meaning.body.concurrency,
        async send(delivery, signal) {
          const webhook = webhooks.find(id);
          if (webhook === undefined) return { outcome: "gone", error: "the webhook was removed" };
          const result = await postSigned(webhook, delivery, { ...ports, signal });
          if (result.outcome === "gone") await disable(id);
          return result;
        },
      }));
};
