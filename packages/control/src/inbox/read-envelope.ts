import { AirfleetError } from "@airfleet/model";
import { readJson } from "./read-json.ts";

/** A message out of whatever it came in. */
export interface Unpacked {
  readonly body: Readonly<Record<string, unknown>>;
  /** The topic's own id of it, the same at every delivery. */
  readonly messageId: string | null;
  /** When it was published, epoch milliseconds. */
  readonly sentAt: number | null;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const toTime = (value: unknown): number | null => {
  const time = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? null : time;
};

/** Where a topic of AWS wants to be confirmed. Anything else that calls itself so may lead anywhere. */
const CONFIRM_HOST = /^sns\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/;

/** What a person does about it. */
const confirmStep = (value: unknown): string => {
  const url = typeof value === "string" && URL.canParse(value) ? new URL(value) : undefined;
  const isTrusted = url?.protocol === "https:" && CONFIRM_HOST.test(url.hostname) && url.port === "";
  return isTrusted
    ? `Open ${url.href} yourself if you asked for it`
    : "Do not open the address that it gives: it is not one of amazonaws.com";
};

const asMessage = (value: unknown): Readonly<Record<string, unknown>> => {
  if (isObject(value)) return value;
  throw new AirfleetError("REPORT_UNREADABLE", { reason: "it is JSON, but not an object" });
};

/**
 * Unpacks the envelope of SNS (`Type: Notification`, the message as text in `Message`); what has none is the message
 * itself. Subscriptions are confirmed by people, never by us: following an address that somebody posted would make us
 * call whatever they like.
 *
 * @throws {AirfleetError} REPORT_CONFIRMATION_NEEDED, REPORT_TOO_LARGE, REPORT_UNREADABLE
 */
export const readEnvelope = (text: string): Unpacked => {
  const outer = asMessage(readJson(text));
  switch (outer["Type"]) {
    case "Notification": {
      if (typeof outer["Message"] !== "string") {
        throw new AirfleetError("REPORT_UNREADABLE", { reason: "the SNS envelope has no Message" });
      }
      const id = outer["MessageId"];
      return {
        body: asMessage(readJson(outer["Message"])),
        messageId: typeof id === "string" && id !== "" && id.length <= 200 ? `sns:${id}` : null,
        sentAt: toTime(outer["Timestamp"]),
      };
    }
    case "SubscriptionConfirmation":
    case "UnsubscribeConfirmation":
      throw new AirfleetError("REPORT_CONFIRMATION_NEEDED", { step: confirmStep(outer["SubscribeURL"]) });
    default:
      return { body: outer, messageId: null, sentAt: null };
  }
};
