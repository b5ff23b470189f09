/**
 * What somebody may do. A permission is `noun:verb`; a route names exactly one, and a token's role and instance scope
 * decide. `deploy` and `config:write` are apart from `operator`, since both run code of the caller on the instance.
 */
export const PERMISSIONS = [
  "instance:read",
  "instance:write",
  "dag:read",
  "dag:pause",
  "run:read",
  "run:trigger",
  "run:clear",
  "run:stop",
  "run:delete",
  "task:set_state",
  "log:read",
  "config:read",
  "config:write",
  "action:read",
  "audit:read",
  "token:read",
  "token:write",
  "system:read",
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** Roles, each holding all that the one before it holds. */
export const ROLES = ["viewer", "operator", "deployer", "admin"] as const;
export type Role = (typeof ROLES)[number];

const VIEWER = ["instance:read", "dag:read", "run:read", "log:read", "action:read", "system:read"] as const;
const OPERATOR = [
  ...VIEWER,
  "dag:pause",
  "run:trigger",
  "run:clear",
  "run:stop",
  "run:delete",
  "task:set_state",
] as const;
const DEPLOYER = [...OPERATOR, "config:read", "config:write"] as const;

/** What each role may do, on the instances its token names. */
export const ROLE_PERMISSIONS: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  viewer: new Set<Permission>(VIEWER),
  operator: new Set<Permission>(OPERATOR),
  deployer: new Set<Permission>(DEPLOYER),
  admin: new Set<Permission>(PERMISSIONS),
};
