import { z } from "zod";
import { defineRoute } from "../route.ts";
import { page } from "../schemas/primitives.ts";
import { TriggerKeyBody, TriggerKeyParams, TriggerKeyView } from "../schemas/trigger-keys.ts";

const area = "Triggers";
const KEY = "/api/v1/trigger-keys/{key}";
const versionErrors = ["VERSION_CONFLICT", "VERSION_MISSING"] as const;

export const listTriggerKeys = defineRoute({
  id: "listTriggerKeys",
  method: "GET",
  path: "/api/v1/trigger-keys",
  area,
  summary: "List who may start runs through the experimental API by signing the request",
  permission: "token:read",
  response: page(TriggerKeyView),
  errors: [],
});

export const getTriggerKey = defineRoute({
  id: "getTriggerKey",
  method: "GET",
  path: KEY,
  area,
  summary: "Show a trigger key, with its version as ETag",
  permission: "token:read",
  params: TriggerKeyParams,
  response: TriggerKeyView,
  errors: ["DOCUMENT_UNKNOWN"],
});

export const putTriggerKey = defineRoute({
  id: "putTriggerKey",
  method: "PUT",
  path: KEY,
  area,
  summary: "Write a trigger key: a new one without If-Match, one that is there with the ETag that was last read",
  description:
    "From the first enabled key on, the experimental API of its instance starts runs only for requests that a key of that instance has signed. Keys that protect nothing are refused. Shared secrets are kept encrypted and never shown; left out, the present one of the same key_id stays.",
  permission: "token:write",
  audited: true,
  params: TriggerKeyParams,
  body: TriggerKeyBody,
  response: TriggerKeyView,
  errors: ["DOCUMENT_EXISTS", "DOCUMENT_UNKNOWN", ...versionErrors],
  example: {
    params: { key: "workbench" },
    body: {
      instance: "eu-prod-1",
      dags: ["cwl-*"],
      replay: "allow",
      keys: [
        {
          type: "public",
          key_id: "2026",
          algorithm: "EdDSA",
          public_key:
            "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----",
        },
      ],
    },
  },
});

export const deleteTriggerKey = defineRoute({
  id: "deleteTriggerKey",
  method: "DELETE",
  path: KEY,
  area,
  summary: "Remove a trigger key",
  description:
    "With the last enabled key of an instance gone, its experimental API starts runs for whoever may start them otherwise.",
  permission: "token:write",
  audited: true,
  params: TriggerKeyParams,
  response: z.undefined(),
  status: 204,
  errors: ["DOCUMENT_UNKNOWN", ...versionErrors],
});
