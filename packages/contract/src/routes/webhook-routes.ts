import { WebhookDefinition } from "@airfleet/model";
import { z } from "zod";
import { defineRoute, REPEATABLE_ERRORS } from "../route.ts";
import { page } from "../schemas/primitives.ts";
import {
  DeliveryDetailView,
  DeliveryListQuery,
  DeliveryParams,
  DeliveryView,
  KeyedWebhookView,
  RedeliveredView,
  WebhookCreate,
  WebhookParams,
  WebhookRotate,
  WebhookStatusView,
  WebhookTestView,
  WebhookView,
} from "../schemas/webhooks.ts";

const area = "Webhooks";
const WEBHOOK = "/api/v1/webhooks/{webhook}";
const versionErrors = ["VERSION_CONFLICT", "VERSION_MISSING"] as const;
const shop = { url: "https://shop.example.org/airfleet", events: ["run.changed" as const], state_words: "cinco" };

export const listWebhooks = defineRoute({
  id: "listWebhooks",
  method: "GET",
  path: "/api/v1/webhooks",
  area,
  summary: "List the receivers of signed messages, and how much waits for each",
  permission: "webhook:read",
  response: page(WebhookStatusView),
  errors: [],
});

export const getWebhook = defineRoute({
  id: "getWebhook",
  method: "GET",
  path: WEBHOOK,
  area,
  summary: "Show a receiver and how much waits for it; the ETag is its version",
  permission: "webhook:read",
  params: WebhookParams,
  response: WebhookStatusView,
  errors: ["DOCUMENT_UNKNOWN"],
});

export const createWebhook = defineRoute({
  id: "createWebhook",
  method: "POST",
  path: "/api/v1/webhooks",
  area,
  summary: "Add a receiver; its signing key is shown this once",
  description: "Messages are signed as by Standard Webhooks 1.0. Receivers on private networks need network.allow.",
  permission: "webhook:write",
  audited: true,
  body: WebhookCreate,
  response: KeyedWebhookView,
  status: 201,
  errors: [...REPEATABLE_ERRORS, "ADDRESS_REFUSED", "DOCUMENT_EXISTS"],
  example: { body: { id: "shop", ...shop } },
});

export const putWebhook = defineRoute({
  id: "putWebhook",
  method: "PUT",
  path: WEBHOOK,
  area,
  summary: "Replace what is said of a receiver; its keys stay",
  description: "Enabling one that was disabled because it answered 410 sends on what is pending.",
  permission: "webhook:write",
  audited: true,
  params: WebhookParams,
  body: WebhookDefinition,
  response: WebhookView,
  errors: ["ADDRESS_REFUSED", "DOCUMENT_UNKNOWN", ...versionErrors],
  example: { params: { webhook: "shop" }, body: shop },
});

export const deleteWebhook = defineRoute({
  id: "deleteWebhook",
  method: "DELETE",
  path: WEBHOOK,
  area,
  summary: "Remove a receiver; what waits for it is sent no more",
  permission: "webhook:write",
  audited: true,
  params: WebhookParams,
  response: z.undefined(),
  status: 204,
  errors: ["DOCUMENT_UNKNOWN", ...versionErrors],
});

export const rotateWebhookKey = defineRoute({
  id: "rotateWebhookKey",
  method: "POST",
  path: `${WEBHOOK}/rotate`,
  area,
  summary: "Make a new signing key; the present one signs as well for a while",
  permission: "webhook:write",
  audited: true,
  params: WebhookParams,
  body: WebhookRotate,
  response: KeyedWebhookView,
  errors: [...REPEATABLE_ERRORS, "DOCUMENT_UNKNOWN", "VERSION_CONFLICT"],
});

export const testWebhook = defineRoute({
  id: "testWebhook",
  method: "POST",
  path: `${WEBHOOK}/test`,
  area,
  summary: "Send a message of type webhook.test now, once, and show the answer",
  permission: "webhook:write",
  audited: true,
  params: WebhookParams,
  response: WebhookTestView,
  errors: ["DOCUMENT_UNKNOWN"],
});

export const listDeliveries = defineRoute({
  id: "listDeliveries",
  method: "GET",
  path: `${WEBHOOK}/deliveries`,
  area,
  summary: "List what was sent or waits to be, newest first; state=dead is the dead-letter list",
  permission: "webhook:read",
  params: WebhookParams,
  query: DeliveryListQuery,
  response: page(DeliveryView),
  errors: ["CURSOR_INVALID", "DOCUMENT_UNKNOWN"],
});

export const getDelivery = defineRoute({
  id: "getDelivery",
  method: "GET",
  path: `${WEBHOOK}/deliveries/{delivery}`,
  area,
  summary: "Show a message with every try and its answer",
  permission: "webhook:read",
  params: DeliveryParams,
  response: DeliveryDetailView,
  errors: ["DELIVERY_UNKNOWN", "DOCUMENT_UNKNOWN"],
});

export const redeliver = defineRoute({
  id: "redeliver",
  method: "POST",
  path: `${WEBHOOK}/deliveries/{delivery}/redeliver`,
  area,
  summary: "Send a finished message again under the same id",
  permission: "webhook:write",
  audited: true,
  params: DeliveryParams,
  response: DeliveryView,
  errors: [...REPEATABLE_ERRORS, "DELIVERY_PENDING", "DELIVERY_UNKNOWN", "DOCUMENT_UNKNOWN"],
});

export const redeliverDead = defineRoute({
  id: "redeliverDead",
  method: "POST",
  path: `${WEBHOOK}/redeliver`,
  area,
  summary: "Send everything again that no try has brought to the receiver",
  permission: "webhook:write",
  audited: true,
  params: WebhookParams,
  response: RedeliveredView,
  errors: [...REPEATABLE_ERRORS, "DOCUMENT_UNKNOWN"],
});
