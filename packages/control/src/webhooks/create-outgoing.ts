import { randomUUID } from "node:crypto";
import type { Store } from "@airfleet/store";
import { createAlertChannels } from "../alerts/alert-channels.ts";
import { createAlertReconciler } from "../alerts/alert-reconciler.ts";
import { parseAlertRule } from "../alerts/alert-rule.ts";
import { type AlertUseCases, createAlertUseCases } from "../alerts/alert-use-cases.ts";
import { createMailer } from "../alerts/mailer.ts";
import type { Clock } from "../clock.ts";
import type { ControlSettings } from "../control-settings.ts";
import { createDeliveryPumps } from "../deliveries/delivery-pumps.ts";
import { SEND_MS } from "../deliveries/receiver.ts";
import { createDocumentFollower } from "../documents/document-follower.ts";
import type { FleetInstance } from "../fleet/fleet-instance.ts";
import type { Logger } from "../logger.ts";
import { createOutboundClient } from "../outbound/outbound-client.ts";
import { createLeadership } from "../reconcilers/leadership.ts";
import { createFanOut } from "./fan-out.ts";
import { parseWebhook } from "./webhook.ts";
import { createWebhookReceivers } from "./webhook-receivers.ts";
import { createWebhookUseCases, type WebhookUseCases } from "./webhook-use-cases.ts";

interface OutgoingPorts {
  readonly store: Store;
  readonly instances: () => readonly FleetInstance[];
  readonly settings: ControlSettings;
  readonly owner: string;
  readonly onWritten: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
}

/** All that goes out to others: webhooks and alerts. */
export interface Outgoing {
  readonly webhooks: WebhookUseCases;
  readonly alerts: AlertUseCases;
  /** Events were given their places. */
  wake(): void;
  start(): void;
  /** Sends no more after `withinMs`; what was cut off is sent by whoever starts next. */
  stop(withinMs: number): Promise<void>;
}

/** A delivery's lease: longer than any try may take, since nobody prolongs it. */
const DELIVERY_LEASE_MS = SEND_MS + 10_000;

const newId = (): string => `msg_test_${randomUUID()}`;

export const createOutgoing = (ports: OutgoingPorts): Outgoing => {
  const { store, instances, settings, owner, onWritten, clock, logger, random } = ports;
  const outbound = createOutboundClient({ allow: settings.networkAllow });
  const mailer = settings.smtp === null ? undefined : createMailer(settings.smtp);
  const common = { clock, logger, random };

  const follow = (): void => pumps.follow([...webhookReceivers(), ...alertChannels()]);
  const webhooks = createDocumentFollower({
    store,
    kind: "webhook",
    parse: parseWebhook,
    onChanged: follow,
    ...common,
  });
  const rules = createDocumentFollower({
    store,
    kind: "alert_rule",
    parse: parseAlertRule,
    onChanged: follow,
    ...common,
  });
  const webhookReceivers = createWebhookReceivers({ store, webhooks, outbound, clock, onWritten });
  const alertChannels = createAlertChannels({ rules, outbound, mailer, clock });
  const pumps = createDeliveryPumps({ store, owner, leaseMs: DELIVERY_LEASE_MS, ...common });
  const leaderOf = (name: string) => createLeadership({ store, name, owner, leaseMs: settings.leaseMs, clock });
  const [telling, judging] = [leaderOf("webhooks"), leaderOf("alerts")];

  const fanOut = createFanOut({
    store,
    webhooks,
    instances,
    leadership: telling,
    onAdded: (receivers) => pumps.wake(receivers),
    ...common,
  });
  const alerting = createAlertReconciler({
    store,
    rules,
    instances,
    leadership: judging,
    everyMs: settings.alertsEveryMs,
    onTold: () => pumps.wake(),
    onWritten,
    ...common,
  });

  return {
    webhooks: createWebhookUseCases({
      store,
      webhooks,
      outbound,
      clock,
      newId,
      onDue: (receiver) => pumps.wake([receiver]),
      onWritten,
    }),
    alerts: createAlertUseCases({ store, rules, outbound, mailer, clock, newId, onWritten }),
    wake: () => fanOut.wake(),
    start() {
      for (const one of [webhooks, rules, pumps, fanOut, alerting]) one.start();
    },
    async stop(withinMs) {
      await Promise.all([fanOut.stop(), alerting.stop(), webhooks.stop(), rules.stop()]);
      await pumps.stop(withinMs);
      await outbound.close();
      mailer?.close();
      try {
        await Promise.all([telling.release(), judging.release()]);
      } catch (error) {
        logger.warn({ err: error }, "leases could not be given up; they will run out");
      }
    },
  };
};
