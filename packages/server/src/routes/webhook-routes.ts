import { ROUTES } from "@airfleet/contract";
import type { Actor, Control, Webhook } from "@airfleet/control";
import { AirfleetError } from "@airfleet/model";
import { readIfMatch, toETag } from "../http/version-tag.ts";
import {
  toDeliveryDetailView,
  toDeliveryView,
  toWebhookStatusView,
  toWebhookTestView,
  toWebhookView,
} from "../views/webhook-view.ts";
import { bind } from "./bind.ts";
import { given } from "./given.ts";
import { covers, requireCover } from "./scope.ts";

const WRITE = "webhook:write";

/**
 * A receiver that is told of more instances than the actor sees is not there for them.
 *
 * @throws {AirfleetError} DOCUMENT_UNKNOWN
 */
const findWebhook = async (control: Control, actor: Actor, id: string): Promise<Webhook> => {
  const unknown = new AirfleetError("DOCUMENT_UNKNOWN", { kind: "webhook", id });
  if (actor.instances.length === 0) throw unknown;
  const webhook = await control.webhooks.get(id);
  if (!covers(actor, webhook.instances)) throw unknown;
  return webhook;
};

/** Receivers of signed messages. */
export const webhookRoutes = {
  listWebhooks: bind(ROUTES.listWebhooks, async ({ actor, control }) => {
    const webhooks = await control.webhooks.list();
    const visible = webhooks.filter((one) => covers(actor, one.instances));
    const items = await Promise.all(
      visible.map(async (one) => toWebhookStatusView(one, await control.webhooks.backlog(one.id))),
    );
    return { items, next_cursor: null };
  }),

  getWebhook: bind(ROUTES.getWebhook, async ({ actor, control, params, setHeader }) => {
    const webhook = await findWebhook(control, actor, params.webhook);
    setHeader("etag", toETag(webhook.version));
    return toWebhookStatusView(webhook, await control.webhooks.backlog(webhook.id));
  }),

  createWebhook: bind(ROUTES.createWebhook, async ({ actor, body, control, setHeader }) => {
    const { id, ...definition } = body;
    await requireCover(control, actor, definition.instances, WRITE);
    const { webhook, key } = await control.webhooks.create(actor, id, definition);
    setHeader("location", `/api/v1/webhooks/${id}`);
    setHeader("etag", toETag(webhook.version));
    return { ...toWebhookView(webhook), key };
  }),

  putWebhook: bind(ROUTES.putWebhook, async ({ actor, body, control, header, params, setHeader }) => {
    const before = await findWebhook(control, actor, params.webhook);
    await requireCover(control, actor, body.instances, WRITE);
    const version = readIfMatch(header("if-match"), `webhook "${before.id}"`, before.version);
    const webhook = await control.webhooks.update(actor, before.id, body, version);
    setHeader("etag", toETag(webhook.version));
    return toWebhookView(webhook);
  }),

  deleteWebhook: bind(ROUTES.deleteWebhook, async ({ actor, control, header, params }) => {
    const { id, version } = await findWebhook(control, actor, params.webhook);
    await control.webhooks.remove(actor, id, readIfMatch(header("if-match"), `webhook "${id}"`, version));
    return undefined;
  }),

  rotateWebhookKey: bind(ROUTES.rotateWebhookKey, async ({ actor, body, control, params, setHeader }) => {
    const { id } = await findWebhook(control, actor, params.webhook);
    const { webhook, key } = await control.webhooks.rotate(actor, id, body.overlap_seconds * 1_000);
    setHeader("etag", toETag(webhook.version));
    return { ...toWebhookView(webhook), key };
  }),

  testWebhook: bind(ROUTES.testWebhook, async ({ actor, control, params }) => {
    const { id } = await findWebhook(control, actor, params.webhook);
    return toWebhookTestView(await control.webhooks.test(actor, id));
  }),

  listDeliveries: bind(ROUTES.listDeliveries, async ({ actor, control, params, query }) => {
    const { id } = await findWebhook(control, actor, params.webhook);
    const states = query.state === undefined ? undefined : [query.state];
    const page = await control.webhooks.deliveries(id, {
      limit: query.limit,
      ...given({ states, after: query.cursor }),
    });
    return { items: page.items.map(toDeliveryView), next_cursor: page.next };
  }),

  getDelivery: bind(ROUTES.getDelivery, async ({ actor, control, params }) => {
    const { id } = await findWebhook(control, actor, params.webhook);
    const { delivery, tries } = await control.webhooks.delivery(id, params.delivery);
    return toDeliveryDetailView(delivery, tries);
  }),

  redeliver: bind(ROUTES.redeliver, async ({ actor, control, params }) => {
    const { id } = await findWebhook(control, actor, params.webhook);
    return toDeliveryView(await control.webhooks.redeliver(actor, id, params.delivery));
  }),

  redeliverDead: bind(ROUTES.redeliverDead, async ({ actor, control, params }) => {
    const { id } = await findWebhook(control, actor, params.webhook);
    return { deliveries: await control.webhooks.redeliverDead(actor, id) };
  }),
};
