import { defineErrors } from "./definition.ts";

/** What can be wrong with what we send to others. */
export const webhookErrors = defineErrors({
  ADDRESS_REFUSED: {
    status: 422,
    retryable: false,
    message:
      "{url} is not called: {reason}. Give an https URL on the public network, or let the operator name the receiver in network.allow.",
  },
  ALERT_RULE_RECEIVER_UNKNOWN: {
    status: 422,
    retryable: false,
    message: 'The alert rule notifies webhook "{webhook}", which is not there. Create the webhook first.',
  },
  ALERT_UNKNOWN: { status: 404, retryable: false, message: 'There is no alert "{alert}".' },
  DELIVERY_PENDING: {
    status: 409,
    retryable: false,
    message: 'Delivery "{delivery}" is still being tried. Wait until it is delivered or dead, then send it again.',
  },
  DELIVERY_UNKNOWN: { status: 404, retryable: false, message: 'There is no delivery "{delivery}".' },
  NOTIFICATION_FAILED: {
    status: 502,
    retryable: true,
    message: "The test could not be sent through {channel}: {reason}.",
  },
  SMTP_NOT_CONFIGURED: {
    status: 422,
    retryable: false,
    message: "No mail can be sent: alerts.smtp is not set. Add it to airfleet.yaml.",
  },
});
