import { AirfleetError, type WebhookDefinition } from "@airfleet/model";
import type { DeliveryBacklog, DeliveryState, Store, StoredDelivery, StoredDocument } from "@airfleet/store";
import type { StorePage } from "@airfleet/store";
import type { Actor } from "../actor.ts";
import type { Clock } from "../clock.ts";
import { toAuthor } from "../documents/author.ts";
import { messageOf } from "../deliveries/delivery-pump.ts";
import type { SendResult } from "../deliveries/receiver.ts";
import { TRIES } from "../deliveries/retry-schedule.ts";
import type { DocumentFollower } from "../documents/document-follower.ts";
import type { OutboundClient } from "../outbound/outbound-client.ts";
import { parseWebhook, receiverOf, type SendableWebhook, type Webhook, type WebhookBody } from "./webhook.ts";
import { newKey, readKeys, rotateKeys } from "./webhook-keys.ts";
import { EVENT_CURSOR } from "./fan-out.ts";
import { postSigned } from "./webhook-receivers.ts";

/** A try with its place in the order. */
export type DeliveryTry = Awaited<ReturnType<Store["deliveries"]["attempts"]>>[number];

/** A webhook with the key that is shown this once. */
export interface KeyedWebhook {
  readonly webhook: Webhook;
  readonly key: string;
}

/** What a test came to. */
export interface TestedWebhook extends SendResult {
  readonly id: string;
  readonly durationMs: number;
}

/** Receivers of signed messages, and what is sent to them. */
export interface WebhookUseCases {
  /** In order of id. */
  list(): Promise<readonly Webhook[]>;
  /** @throws DOCUMENT_UNKNOWN */
  get(id: string): Promise<Webhook>;
  /** @throws DOCUMENT_EXISTS, ADDRESS_REFUSED */
  create(actor: Actor, id: string, definition: WebhookDefinition): Promise<KeyedWebhook>;
  /** Enabling one that the receiver had ended goes on with what is pending. @throws DOCUMENT_UNKNOWN, VERSION_CONFLICT, ADDRESS_REFUSED */
  update(actor: Actor, id: string, definition: WebhookDefinition, version: number): Promise<Webhook>;
  /** What is pending is dead from then on. @throws DOCUMENT_UNKNOWN, VERSION_CONFLICT */
  remove(actor: Actor, id: string, version: number): Promise<void>;
  /** Makes a new key; the present one signs as well for `overlapMs`. @throws DOCUMENT_UNKNOWN */
  rotate(actor: Actor, id: string, overlapMs: number): Promise<KeyedWebhook>;
  /** Posts a message of type `webhook.test` now, once, also to one that is not enabled. @throws DOCUMENT_UNKNOWN, ADDRESS_REFUSED */
  test(actor: Actor, id: string): Promise<TestedWebhook>;
  backlog(id: string): Promise<DeliveryBacklog>;
  /** Newest first. @throws CURSOR_INVALID */
  deliveries(
    id: string,
    query: { readonly states?: readonly DeliveryState[]; readonly limit: number; readonly after?: string },
  ): Promise<StorePage<StoredDelivery>>;
  /** @throws DELIVERY_UNKNOWN */
  delivery(
    webhook: string,
    delivery: string,
  ): Promise<{ readonly delivery: StoredDelivery; readonly tries: readonly DeliveryTry[] }>;
  /** Sends a finished delivery again under the same id. @throws DELIVERY_UNKNOWN, DELIVERY_PENDING */
  redeliver(actor: Actor, webhook: string, delivery: string): Promise<StoredDelivery>;
  /** The same for all that are dead. @returns How many. */
  redeliverDead(actor: Actor, webhook: string): Promise<number>;
}

interface WebhookPorts {
  readonly store: Pick<Store, "audit" | "deliveries" | "documents">;
  readonly webhooks: DocumentFollower<SendableWebhook>;
  readonly outbound: OutboundClient;
  readonly clock: Clock;
  /** Ids for tests. */
  readonly newId: () => string;
  /** Deliveries of this receiver are due. */
  readonly onDue: (receiver: string) => void;
  readonly onWritten: () => void;
}

const KIND = "webhook" as const;

const toWebhook = (document: StoredDocument): Webhook => ({
  ...parseWebhook(document).body,
  id: document.id,
  version: document.version,
  createdAt: document.createdAt,
  updatedAt: document.updatedAt,
  keys: readKeys(document.secret).keys.map(({ until }) => ({ until })),
});

export const createWebhookUseCases = (ports: WebhookPorts): WebhookUseCases => {
  const { store, webhooks, outbound, clock, newId, onDue, onWritten } = ports;
  const { documents, deliveries } = store;

  const find = async (id: string): Promise<StoredDocument> => {
    const document = await documents.find(KIND, id);
    if (document === undefined) throw new AirfleetError("DOCUMENT_UNKNOWN", { kind: KIND, id });
    return document;
  };

  /** Our own pumps follow at once, other servers within their next look. */
  const changed = async (): Promise<void> => {
    onWritten();
    await webhooks.refresh();
  };

  const note = async (actor: Actor, verb: string, details: Readonly<Record<string, unknown>>): Promise<void> => {
    const { actor: who, sourceIp = null, requestId = null } = toAuthor(actor);
    await store.audit.append({ actor: who, verb, outcome: "done", details, sourceIp, requestId });
    onWritten();
  };

  const findDelivery = async (webhook: string, id: string): Promise<StoredDelivery> => {
    const delivery = await deliveries.find(id);
    if (delivery?.receiver === receiverOf(webhook)) return delivery;
    throw new AirfleetError("DELIVERY_UNKNOWN", { delivery: id });
  };

  return {
    list: async () => (await documents.list(KIND)).map(toWebhook),
    get: async (id) => toWebhook(await find(id)),

    async create(actor, id, definition) {
      await outbound.check(definition.url);
      // From here on every event is looked at, also when no server happens to be telling now.
      await deliveries.cursor(EVENT_CURSOR);
      const key = newKey();
      const body: WebhookBody = { ...definition, disabled: null };
      const secret = { keys: [{ key, until: null }] };
      const document = await documents.create({ kind: KIND, id, body, secret }, toAuthor(actor));
      await changed();
      return { webhook: toWebhook(document), key };
    },

    async update(actor, id, definition, version) {
      await outbound.check(definition.url);
      const { body: before } = parseWebhook(await find(id));
      const body: WebhookBody = { ...definition, disabled: definition.enabled ? null : before.disabled };
      const document = await documents.update({ kind: KIND, id, body }, version, toAuthor(actor));
      await changed();
      return toWebhook(document);
    },

    async remove(actor, id, version) {
      await documents.remove(KIND, id, version, toAuthor(actor));
      await changed();
      await deliveries.abandon(receiverOf(id), "the webhook was removed");
    },

    async rotate(actor, id, overlapMs) {
      const document = await find(id);
      const key = newKey();
      const secret = rotateKeys(readKeys(document.secret), key, clock.now() + overlapMs);
      const write = { kind: KIND, id, body: document.body, secret };
      const rotated = await documents.update(write, document.version, toAuthor(actor));
      await changed();
      return { webhook: toWebhook(rotated), key };
    },

    async test(actor, id) {
      const document = await find(id);
      const startedAt = clock.now();
      const message = { type: "webhook.test", timestamp: new Date(startedAt).toISOString(), data: { webhook: id } };
      const delivery = { id: newId(), payload: message };
      const result = await postSigned({ document, meaning: parseWebhook(document) }, delivery, {
        outbound,
        clock,
      }).catch((error: unknown): SendResult => ({ outcome: "failed", error: messageOf(error) }));
      await note(actor, "webhook:test", { id, outcome: result.outcome });
      return { ...result, id: delivery.id, durationMs: clock.now() - startedAt };
    },

    backlog: (id) => deliveries.backlog(receiverOf(id)),
    deliveries: (id, query) => deliveries.list({ receivers: [receiverOf(id)], ...query }),

    async delivery(webhook, id) {
      const delivery = await findDelivery(webhook, id);
      return { delivery, tries: await deliveries.attempts(id) };
    },

    async redeliver(actor, webhook, id) {
      await findDelivery(webhook, id);
      if (!(await deliveries.redeliver(id, TRIES))) throw new AirfleetError("DELIVERY_PENDING", { delivery: id });
      await note(actor, "webhook:redeliver", { id: webhook, delivery: id });
      onDue(receiverOf(webhook));
      return findDelivery(webhook, id);
    },

    async redeliverDead(actor, webhook) {
      const count = await deliveries.redeliverDead(receiverOf(webhook), TRIES);
      await note(actor, "webhook:redeliver", { id: webhook, deliveries: count });
      onDue(receiverOf(webhook));
      return count;
    },
  };
};
