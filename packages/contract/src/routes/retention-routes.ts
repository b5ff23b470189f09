import { RetentionPolicy } from "@airfleet/model";
import { z } from "zod";
import { defineRoute } from "../route.ts";
import { page } from "../schemas/primitives.ts";
import {
  RetentionPolicyParams,
  RetentionPolicyView,
  RetentionPreview,
  RetentionPreviewView,
  RetentionStatusView,
  RetentionSweepView,
} from "../schemas/retention.ts";

const area = "Retention";
const POLICY = "/api/v1/retention-policies/{policy}";
const versionErrors = ["VERSION_CONFLICT", "VERSION_MISSING"] as const;
const findingAids = { scope: { subject_type: "finding-aid" }, rule: { keep: "latest_success_and_newest" as const } };

export const listRetentionPolicies = defineRoute({
  id: "listRetentionPolicies",
  method: "GET",
  path: "/api/v1/retention-policies",
  area,
  summary: "List the policies that say which runs we remember, in order of precedence",
  permission: "policy:read",
  response: page(RetentionPolicyView),
  errors: [],
});

export const getRetentionPolicy = defineRoute({
  id: "getRetentionPolicy",
  method: "GET",
  path: POLICY,
  area,
  summary: "Show a policy, with its version as ETag",
  permission: "policy:read",
  params: RetentionPolicyParams,
  response: RetentionPolicyView,
  errors: ["DOCUMENT_UNKNOWN"],
});

export const putRetentionPolicy = defineRoute({
  id: "putRetentionPolicy",
  method: "PUT",
  path: POLICY,
  area,
  summary: "Write a policy: a new one without If-Match, one that is there with the ETag that was last read",
  description:
    "The next sweep acts by it; look at retention-policies/preview first. Only our records go, never the engine's runs.",
  permission: "policy:write",
  audited: true,
  params: RetentionPolicyParams,
  body: RetentionPolicy,
  response: RetentionPolicyView,
  errors: ["DOCUMENT_EXISTS", "DOCUMENT_UNKNOWN", ...versionErrors],
  example: { params: { policy: "finding-aids" }, body: findingAids },
});

export const deleteRetentionPolicy = defineRoute({
  id: "deleteRetentionPolicy",
  method: "DELETE",
  path: POLICY,
  area,
  summary: "Remove a policy",
  permission: "policy:write",
  audited: true,
  params: RetentionPolicyParams,
  response: z.undefined(),
  status: 204,
  errors: ["DOCUMENT_UNKNOWN", ...versionErrors],
});

export const previewRetention = defineRoute({
  id: "previewRetention",
  method: "POST",
  path: "/api/v1/retention-policies/preview",
  area,
  summary: "Show which runs would go and why, by the stored policies or with a given one among them; changes nothing",
  permission: "policy:read",
  body: RetentionPreview,
  response: RetentionPreviewView,
  errors: ["INSTANCE_UNKNOWN"],
  example: { body: { policy: findingAids } },
});

export const sweepRetention = defineRoute({
  id: "sweepRetention",
  method: "POST",
  path: "/api/v1/retention-policies/sweep",
  area,
  summary: "Begin a sweep now instead of at its time",
  permission: "policy:write",
  audited: true,
  response: RetentionSweepView,
  status: 202,
  errors: [],
});

export const getRetentionStatus = defineRoute({
  id: "getRetentionStatus",
  method: "GET",
  path: "/api/v1/retention-status",
  area,
  summary: "Show what the last whole sweep did",
  permission: "policy:read",
  response: RetentionStatusView,
  errors: [],
});
