import { matchesGlob } from "@airfleet/model";
import type { Actor } from "../actor.ts";

/**
 * Whether an actor's token reaches an instance. `*` stands for any text; case is ignored, as instance ids are unique
 * without it. An actor without a pattern reaches nothing.
 */
export const isInScope = (actor: Pick<Actor, "instances">, instance: string): boolean =>
  actor.instances.some((glob) => matchesGlob(glob.toLowerCase(), instance.toLowerCase()));
