import { type Permission, ROLE_PERMISSIONS } from "@airfleet/contract";
import { type Actor, type AuditUseCases, isInScope } from "@airfleet/control";
import { AirfleetError } from "@airfleet/model";

/** What a request wants to do, and to what. */
export interface Wish {
  readonly permission: Permission | "public";
  /** Method and path, for the message and the audit trail. */
  readonly resource: string;
}

const ANYBODY: Actor = { id: "anonymous", role: "viewer", instances: [], sourceIp: null, requestId: null };

/**
 * The one place that decides whether an actor's role allows what a route asks for. Refusals of known actors are audited.
 *
 * @returns the actor; an anonymous one without any instance on public routes
 * @throws {AirfleetError} TOKEN_MISSING for an anonymous caller, FORBIDDEN when the role lacks the permission
 */
export const authorize = async (
  actor: Actor | null,
  { permission, resource }: Wish,
  audit: Pick<AuditUseCases, "denied">,
): Promise<Actor> => {
  if (permission === "public") return actor ?? ANYBODY;
  if (actor === null) throw new AirfleetError("TOKEN_MISSING");
  if (ROLE_PERMISSIONS[actor.role].has(permission)) return actor;
  await audit.denied(actor, permission, resource);
  throw new AirfleetError("FORBIDDEN", { actor: actor.id, permission, resource });
};

/** Whether an actor may know of an instance at all. */
export const canSee = (actor: Actor, instance: string): boolean => isInScope(actor, instance);
