import type { RouteOutput, ROUTES } from "@airfleet/contract";
import type { DeliveryTry, TestedWebhook, Webhook } from "@airfleet/control";
import type { DeliveryBacklog, StoredDelivery } from "@airfleet/store";
import { toInstant, toInstantOrNull } from "./instants.ts";

export const toWebhookView = (webhook: Webhook): RouteOutput<typeof ROUTES.putWebhook> => {
  const { disabled, keys, createdAt, updatedAt, ...said } = webhook;
  return {
    ...said,
    disabled: disabled === null ? null : { reason: disabled.reason, at: toInstant(disabled.at) },
    keys: keys.map(({ until }) => ({ until: toInstantOrNull(until) })),
    created_at: toInstant(createdAt),
    updated_at: toInstant(updatedAt),
  };
};

export const toWebhookStatusView = (
  webhook: Webhook,
  { pending, dead, oldestPendingAt }: DeliveryBacklog,
): RouteOutput<typeof ROUTES.getWebhook> => ({
  ...toWebhookView(webhook),
  deliveries_pending: pending,
  deliveries_dead: dead,
  oldest_pending_at: toInstantOrNull(oldestPendingAt),
});

export const toWebhookTestView = (test: TestedWebhook): RouteOutput<typeof ROUTES.testWebhook> => ({
  id: test.id,
  outcome: test.outcome,
  status: test.status ?? null,
  answer: test.answer ?? null,
  error: test.error ?? null,
  duration_ms: test.durationMs,
});

export const toDeliveryView = (delivery: StoredDelivery): RouteOutput<typeof ROUTES.redeliver> => ({
  id: delivery.id,
  type: delivery.type,
  state: delivery.state,
  instance: delivery.instance,
  attempts: delivery.attempts,
  tries_left: delivery.triesLeft,
  last_status: delivery.lastStatus,
  last_error: delivery.lastError,
  next_try_at: delivery.state === "pending" ? toInstant(delivery.notBefore) : null,
  created_at: toInstant(delivery.createdAt),
  finished_at: toInstantOrNull(delivery.finishedAt),
});

export const toDeliveryDetailView = (
  delivery: StoredDelivery,
  tries: readonly DeliveryTry[],
): RouteOutput<typeof ROUTES.getDelivery> => ({
  ...toDeliveryView(delivery),
  payload: { ...delivery.payload },
  tries: tries.map(({ attempt, at, durationMs, status, answer, error }) => ({
    attempt,
    at: toInstant(at),
    duration_ms: durationMs,
    status,
    answer,
    error,
  })),
});
