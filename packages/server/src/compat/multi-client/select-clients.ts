import { type Actor, type Control, type FleetInstance, isInScope } from "@airfleet/control";
import { SeedRefusal } from "./seed-error.ts";

/** Which clients a request is for. */
export interface Selection {
  /** In the order of the query, each once; in configured order when none were named. */
  readonly clients: readonly FleetInstance[];
  /** Ids that were named and skipped: unknown, disabled, not an Airflow, or out of the token's scope. */
  readonly ignored: readonly string[];
}

/** Airflow instances that the actor may know of, in configured order; disabled ones included, removed ones not. */
export const listClients = (control: Pick<Control, "instances">, actor: Actor): readonly FleetInstance[] =>
  control.instances
    .list()
    .filter((instance) => instance.engine === "airflow" && !instance.removed && isInScope(actor, instance.id));

const NOBODY = "No valid clients specified or all clients disabled";

/** `clients=a,b` and `clients=a&clients=b` are the same; blanks are dropped, and so is what is named twice. */
const readIds = (value: unknown): readonly string[] | undefined => {
  if (value === undefined) return undefined;
  const texts = [value].flat().map(String);
  const ids = texts.flatMap((text) => text.split(",")).map((id) => id.trim());
  return [...new Set(ids.filter((id) => id !== ""))];
};

/**
 * Picks the clients that `?clients=` names; all enabled ones when it is absent. A parameter that is there but names
 * nobody is refused, since the original took it for "everybody".
 *
 * @throws {SeedRefusal} when nobody is left, or, when strict, for the first unknown id
 */
export const selectClients = (
  clients: readonly FleetInstance[],
  value: unknown,
  { isStrict }: { readonly isStrict: boolean },
): Selection => {
  const enabled = clients.filter((client) => client.enabled);
  const ids = readIds(value);
  if (ids === undefined) {
    if (enabled.length === 0) throw new SeedRefusal(NOBODY);
    return { clients: enabled, ignored: [] };
  }
  const byId = new Map(enabled.map((client) => [String(client.id), client]));
  const ignored = ids.filter((id) => !byId.has(id));
  if (isStrict && ignored.length > 0) {
    throw new SeedRefusal(`Unknown or disabled clients: ${ignored.join(", ")}`);
  }
  const selected = ids.flatMap((id) => byId.get(id) ?? []);
  if (selected.length === 0) throw new SeedRefusal(NOBODY);
  return { clients: selected, ignored };
};
