import type { JsonObject } from "@airfleet/store";

/** Standard Webhooks advises to stay below 20 kB. */
export const MESSAGE_BYTES = 20_000;

const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

const subjectsIn = ({ data }: WebhookMessage): readonly unknown[] =>
  Array.isArray(data["subjects"]) ? (data["subjects"] as readonly unknown[]) : [];

/** What is posted to a receiver. */
export interface WebhookMessage extends JsonObject {
  readonly type: string;
  /** RFC 3339, when it happened. */
  readonly timestamp: string;
  readonly data: JsonObject;
}

/** The longest beginning of a list with which a message is short enough. */
const fewerSubjects = (message: WebhookMessage): WebhookMessage => {
  const subjects = subjectsIn(message);
  let room = MESSAGE_BYTES - sizeOf({ ...message, data: { ...message.data, subjects: [] } });
  const kept = subjects.filter((subject) => {
    room -= sizeOf(subject) + 1;
    return room >= 0;
  });
  return { ...message, data: { ...message.data, subjects: kept } };
};

/** Shortens a message until it may be sent: first the conf goes, and is said to be gone, then the note, then subjects. */
export const fitMessage = (message: WebhookMessage): WebhookMessage => {
  if (sizeOf(message) <= MESSAGE_BYTES) return message;
  const data: Record<string, unknown> = { ...message.data };
  if ("conf" in data) {
    delete data["conf"];
    data["conf_omitted"] = true;
  }
  const shorter = { ...message, data };
  if (sizeOf(shorter) <= MESSAGE_BYTES) return shorter;
  if (typeof data["note"] === "string") data["note"] = `${data["note"].slice(0, 500).toWellFormed()}…`;
  const few = fewerSubjects(shorter);
  if (sizeOf(few) <= MESSAGE_BYTES) return few;
  // Only an event of somebody else's making is as long as that: its address must do.
  const { sequence, id, instance, dag_id, dag_run_id } = data;
  return { ...message, data: { sequence, id, instance, dag_id, dag_run_id, truncated: true } };
};
