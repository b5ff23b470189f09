import { z } from "zod";
import { defineRoute, REPEATABLE_ERRORS } from "../route.ts";
import { ActionListQuery, ActionView } from "../schemas/actions.ts";
import {
  AuditListQuery,
  AuditVerification,
  AuditView,
  HealthView,
  SettingView,
  TokenCreate,
  TokenCreated,
  TokenView,
  VersionView,
} from "../schemas/house.ts";
import { page } from "../schemas/primitives.ts";

export const listActions = defineRoute({
  id: "listActions",
  method: "GET",
  path: "/api/v1/actions",
  area: "Actions",
  summary: "List recorded writes, newest first",
  permission: "action:read",
  query: ActionListQuery,
  response: page(ActionView),
  errors: ["CURSOR_INVALID", "INSTANCE_UNKNOWN"],
});

export const getAction = defineRoute({
  id: "getAction",
  method: "GET",
  path: "/api/v1/actions/{action}",
  area: "Actions",
  summary: "Show a recorded write and what came of it",
  permission: "action:read",
  params: z.strictObject({ action: z.string().min(1).max(100) }),
  response: ActionView,
  errors: ["ACTION_UNKNOWN"],
});

export const listAudit = defineRoute({
  id: "listAudit",
  method: "GET",
  path: "/api/v1/audit",
  area: "Audit",
  summary: "List the audit trail, newest first",
  permission: "audit:read",
  query: AuditListQuery,
  response: page(AuditView),
  errors: ["CURSOR_INVALID", "INSTANCE_UNKNOWN"],
});

export const verifyAudit = defineRoute({
  id: "verifyAudit",
  method: "POST",
  path: "/api/v1/audit/verify",
  area: "Audit",
  summary: "Recompute the hash chain over the whole audit trail",
  permission: "audit:read",
  response: AuditVerification,
  errors: [],
});

export const listTokens = defineRoute({
  id: "listTokens",
  method: "GET",
  path: "/api/v1/tokens",
  area: "Tokens",
  summary: "List API tokens, without their secrets",
  permission: "token:read",
  response: page(TokenView),
  errors: [],
});

export const createToken = defineRoute({
  id: "createToken",
  method: "POST",
  path: "/api/v1/tokens",
  area: "Tokens",
  summary: "Create an API token; it is shown this once",
  permission: "token:write",
  audited: true,
  body: TokenCreate,
  response: TokenCreated,
  status: 201,
  errors: REPEATABLE_ERRORS,
  example: { body: { name: "nightly", role: "operator", instances: ["eu-*"], expires_in_days: 30 } },
});

export const revokeToken = defineRoute({
  id: "revokeToken",
  method: "DELETE",
  path: "/api/v1/tokens/{token}",
  area: "Tokens",
  summary: "Revoke an API token at once",
  permission: "token:write",
  audited: true,
  params: z.strictObject({ token: z.string().min(1).max(100) }),
  response: z.undefined(),
  status: 204,
  errors: ["TOKEN_ID_UNKNOWN"],
});

export const listSettings = defineRoute({
  id: "listSettings",
  method: "GET",
  path: "/api/v1/settings",
  area: "System",
  summary: "Show each setting and where it comes from; secrets are hidden",
  permission: "audit:read",
  response: page(SettingView),
  errors: [],
});

export const getVersion = defineRoute({
  id: "getVersion",
  method: "GET",
  path: "/version",
  area: "System",
  summary: "Name and version of this server",
  permission: "public",
  response: VersionView,
  errors: [],
});

export const getHealth = defineRoute({
  id: "getHealth",
  method: "GET",
  path: "/healthz",
  area: "System",
  summary: "Whether the process is alive",
  permission: "public",
  response: HealthView,
  errors: [],
});

export const getReadiness = defineRoute({
  id: "getReadiness",
  method: "GET",
  path: "/readyz",
  area: "System",
  summary: "Whether requests can be served: 503 while draining or without a store",
  permission: "public",
  response: HealthView,
  errors: [],
});
