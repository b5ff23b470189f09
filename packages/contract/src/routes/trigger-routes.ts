import { defineRoute, REPEATABLE_ERRORS } from "../route.ts";
import {
  TriggerBatch,
  TriggerBatchView,
  TriggerCreate,
  TriggerDetailView,
  TriggerListQuery,
  TriggerPage,
  TriggerParams,
  TriggerRequestView,
  TriggerView,
} from "../schemas/triggers.ts";

const area = "Triggers";

export const createTriggers = defineRoute({
  id: "createTriggers",
  method: "POST",
  path: "/api/v1/triggers",
  area,
  summary: "Ask for runs of a DAG, on one or more instances",
  description:
    "Recorded before it is answered, then sent, and tried again until its time is over; never two runs, and one run id on every instance. With Idempotency-Key a repeated request answers the same triggers as they stand now. Without Prefer the answer is 202 at once.",
  permission: "run:trigger",
  audited: true,
  body: TriggerCreate,
  response: TriggerRequestView,
  deferrable: true,
  errors: [
    ...REPEATABLE_ERRORS,
    "CONF_UNUSABLE",
    "INSTANCE_DISABLED",
    "INSTANCE_UNKNOWN",
    "RUN_ID_INVALID",
    "SELECTOR_INVALID",
    "TRIGGERS_TOO_MANY",
    "TRIGGER_TARGETS_NONE",
  ],
  example: {
    body: {
      instances: ["eu-prod-1"],
      dag_id: "index_finding_aid",
      conf: { finding_aid_id: 123 },
      subjects: [{ type: "finding-aid", id: "123" }],
    },
  },
});

export const createTriggerBatch = defineRoute({
  id: "createTriggerBatch",
  method: "POST",
  path: "/api/v1/triggers/batch",
  area,
  summary: "Ask for up to 1,000 runs at once, with an outcome for each item",
  description: "Each item is a request of its own; one that is refused does not stop the others.",
  permission: "run:trigger",
  audited: true,
  body: TriggerBatch,
  response: TriggerBatchView,
  deferrable: true,
  errors: [...REPEATABLE_ERRORS, "CONF_UNUSABLE", "TRIGGERS_TOO_MANY"],
  example: {
    body: { items: [{ instances: ["eu-prod-1"], dag_id: "index_finding_aid", conf: { finding_aid_id: 1 } }] },
  },
});

export const listTriggers = defineRoute({
  id: "listTriggers",
  method: "GET",
  path: "/api/v1/triggers",
  area,
  summary: "List triggers, newest first",
  permission: "run:read",
  query: TriggerListQuery,
  response: TriggerPage,
  errors: ["CURSOR_INVALID", "INSTANCE_UNKNOWN"],
});

export const getTrigger = defineRoute({
  id: "getTrigger",
  method: "GET",
  path: "/api/v1/triggers/{trigger}",
  area,
  summary: "Show a trigger with every attempt and the engine's answers",
  permission: "run:read",
  params: TriggerParams,
  response: TriggerDetailView,
  errors: ["TRIGGER_UNKNOWN"],
});

export const cancelTrigger = defineRoute({
  id: "cancelTrigger",
  method: "POST",
  path: "/api/v1/triggers/{trigger}/cancel",
  area,
  summary: "Call a trigger off, as long as it certainly was not sent",
  permission: "run:trigger",
  audited: true,
  params: TriggerParams,
  response: TriggerView,
  errors: [...REPEATABLE_ERRORS, "TRIGGER_FINISHED", "TRIGGER_SENDING", "TRIGGER_UNKNOWN"],
});
