import { WEBHOOK_EVENTS } from "../webhooks/webhook-definition.ts";

/** What the event stream tells of. */
export const EVENT_KINDS = [
  ...WEBHOOK_EVENTS,
  "action.recorded",
  "action.progress",
  "action.finished",
  "webhook.disabled",
  "pipeline.created",
  "pipeline.changed",
  "pipeline.removed",
  "deployment.recorded",
  "deployment.changed",
] as const;

/** `run.*` for all kinds of a family. */
export const EVENT_FAMILIES: readonly string[] = [
  ...new Set(EVENT_KINDS.map((kind) => `${kind.slice(0, kind.indexOf("."))}.*`)),
];
