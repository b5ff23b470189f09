import { WebhookDefinition } from "@airfleet/model";
import { z } from "zod";
import { InstantSchema, JsonObject, PageQuery } from "./primitives.ts";
import { DocumentIdSchema } from "./subject-rules.ts";

export const WebhookParams = z.strictObject({ webhook: DocumentIdSchema });
export const DeliveryParams = WebhookParams.extend({ delivery: z.string().min(1).max(100) });

export const WebhookView = z
  .object({
    ...WebhookDefinition.shape,
    id: z.string(),
    version: z.number().int(),
    /** Set when the receiver answered 410; enabling it takes it away. */
    disabled: z.object({ reason: z.string(), at: InstantSchema }).nullable(),
    /** When each signing key ends; null for the newest. */
    keys: z.array(z.object({ until: InstantSchema.nullable() })),
    created_at: InstantSchema,
    updated_at: InstantSchema,
  })
  .meta({ id: "Webhook" });

export const WebhookStatusView = WebhookView.extend({
  /** Counted up to 10,000. */
  deliveries_pending: z.number().int(),
  deliveries_dead: z.number().int(),
  oldest_pending_at: InstantSchema.nullable(),
}).meta({ id: "WebhookStatus" });

export const WebhookCreate = WebhookDefinition.extend({ id: DocumentIdSchema }).meta({ id: "WebhookCreate" });

/** The key is shown this once. */
export const KeyedWebhookView = WebhookView.extend({ key: z.string() }).meta({ id: "KeyedWebhook" });

export const WebhookRotate = z
  .strictObject({
    /** How long the present key signs as well. */
    overlap_seconds: z.number().int().min(0).max(2_592_000).default(86_400),
  })
  .meta({ id: "WebhookRotate" });

export const WebhookTestView = z
  .object({
    id: z.string(),
    outcome: z.enum(["delivered", "failed", "gone"]),
    status: z.number().int().nullable(),
    answer: z.string().nullable(),
    error: z.string().nullable(),
    duration_ms: z.number(),
  })
  .meta({ id: "WebhookTest" });

const deliveryFields = {
  /** The `webhook-id` of every try. */
  id: z.string(),
  type: z.string(),
  state: z.enum(["pending", "delivered", "dead"]),
  instance: z.string().nullable(),
  attempts: z.number().int(),
  tries_left: z.number().int(),
  last_status: z.number().int().nullable(),
  last_error: z.string().nullable(),
  /** Null unless it is pending. */
  next_try_at: InstantSchema.nullable(),
  created_at: InstantSchema,
  finished_at: InstantSchema.nullable(),
} as const;

export const DeliveryView = z.object(deliveryFields).meta({ id: "Delivery" });

export const DeliveryDetailView = z
  .object({
    ...deliveryFields,
    payload: JsonObject,
    tries: z.array(
      z.object({
        attempt: z.number().int(),
        at: InstantSchema,
        duration_ms: z.number(),
        status: z.number().int().nullable(),
        /** The beginning of the answer. */
        answer: z.string().nullable(),
        error: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: "DeliveryDetail" });

export const DeliveryListQuery = z.strictObject({
  ...PageQuery,
  state: z.enum(["pending", "delivered", "dead"]).optional(),
});

export const RedeliveredView = z.object({ deliveries: z.number().int() }).meta({ id: "Redelivered" });
