import type { Actor, Control } from "@airfleet/control";
import { AirfleetError, type InstanceId } from "@airfleet/model";
import { canSee } from "../access/authorize.ts";
import { findInstance } from "./open-request.ts";

const seesAll = (actor: Actor): boolean => actor.instances.includes("*");

/**
 * The instances that a list may speak of: those asked for, each of which the actor must be able to see, else all that
 * the actor sees. Undefined means no restriction.
 */
export const listedInstances = async (
  control: Control,
  actor: Actor,
  asked: readonly string[] | undefined,
  permission: string,
): Promise<readonly InstanceId[] | undefined> => {
  if (asked !== undefined) {
    const found = await Promise.all(asked.map((id) => findInstance(control, actor, id, permission)));
    return [...new Set(found.map((instance) => instance.id))];
  }
  if (seesAll(actor)) return undefined;
  return control.instances
    .list()
    .map((instance) => instance.id)
    .filter((id) => canSee(actor, id));
};

/** Whether everything that these globs reach is within the actor's own reach. */
export const covers = (actor: Actor, globs: readonly string[]): boolean =>
  seesAll(actor) ||
  globs.every((glob) => actor.instances.includes(glob) || (!glob.includes("*") && canSee(actor, glob)));

/**
 * Nobody hands out more than they have: an admin of some instances makes tokens and instances within those only.
 *
 * @throws {AirfleetError} FORBIDDEN
 */
export const requireCover = async (
  control: Control,
  actor: Actor,
  globs: readonly string[],
  permission: string,
): Promise<void> => {
  if (covers(actor, globs)) return;
  const resource = `instances ${globs.join(", ")}`;
  await control.audit.denied(actor, permission, resource);
  throw new AirfleetError("FORBIDDEN", { actor: actor.id, permission, resource });
};
