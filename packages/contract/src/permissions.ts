/**
 * What somebody may do. A permission is `noun:verb`; a route names exactly one, and a token's role and instance scope
 * decide. `deployment:write`, `pipeline:write` and `config:write` are apart from `operator`, since what they change runs code
 * of the caller on the instance.
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
  "subject:read",
  "subject:write",
  "event:read",
  "report:read",
  "report:write",
  "policy:read",
  "policy:write",
  "webhook:read",
  "webhook:write",
  "alert:read",
  "alert:snooze",
  "alert:write",
  "config:read",
  "config:write",
  "pipeline:read",
  "pipeline:write",
  "pipeline:preview",
  "connection:read",
  "connection:write",
  "deployment:write",
  "execution:read",
  "execution:start",
  "execution:cancel",
  "schedule:read",
  "schedule:write",
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

const VIEWER = [
  "instance:read",
  "dag:read",
  "run:read",
  "log:read",
  "action:read",
  "system:read",
  "subject:read",
  "event:read",
  "report:read",
  "policy:read",
  "webhook:read",
  "alert:read",
  "pipeline:read",
  "execution:read",
  "schedule:read",
] as const;
const OPERATOR = [
  ...VIEWER,
  "dag:pause",
  "run:trigger",
  "run:clear",
  "run:stop",
  "run:delete",
  "task:set_state",
  "subject:write",
  "report:write",
  "alert:snooze",
  "execution:start",
  "execution:cancel",
  "schedule:write",
] as const;
const DEPLOYER = [
  ...OPERATOR,
  "config:read",
  "config:write",
  "pipeline:write",
  "pipeline:preview",
  "connection:read",
  "connection:write",
  "deployment:write",
] as const;

/** What each role may do, on the instances its token names. */
export const ROLE_PERMISSIONS: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  viewer: new Set<Permission>(VIEWER),
  operator: new Set<Permission>(OPERATOR),
  deployer: new Set<Permission>(DEPLOYER),
  admin: new Set<Permission>(PERMISSIONS),
};
