import { AirfleetError, type InstanceId, parseSelector, toDagId, toInstanceId } from "@airfleet/model";
import type { Store } from "@airfleet/store";
import { isInScope } from "../access/instance-scope.ts";
import type { Actor } from "../actor.ts";
import type { InstanceUseCases } from "../control.ts";
import type { FleetInstance } from "../fleet/fleet-instance.ts";
import { selectDagsOfRuns, selectInstances } from "../fleet/select.ts";
import type { Targets, TriggerAsk } from "./trigger.ts";

interface TargetPorts {
  readonly store: Pick<Store, "dags">;
  readonly instances: Pick<InstanceUseCases, "list">;
}

/** Names this many instances in an error, so that a typo is found without listing a fleet of hundreds. */
const NAMED = 20;

const shown = (ids: readonly string[]): readonly string[] => (ids.length > NAMED ? [...ids.slice(0, NAMED), "…"] : ids);

/**
 * Instances without the machines that only we bring DAGs to, where we have not brought this one: a server's own engine
 * is part of every fleet, and nobody who says "everywhere" means it by that.
 */
const withoutIdleMachines = async (
  meant: readonly FleetInstance[],
  dagId: string,
  { dags }: TargetPorts["store"],
): Promise<readonly InstanceId[]> => {
  const machines = meant.filter(({ engine }) => engine === "embedded").map(({ id }) => id);
  const known = machines.length === 0 ? undefined : await dags.getFleetDag(toDagId(dagId), { instances: machines });
  const idle = new Set(machines.filter((id) => !known?.cells.some(({ instance }) => instance === id)));
  return meant.map(({ id }) => id).filter((id) => !idle.has(id));
};

/**
 * The instances that a request means, of those its caller may see; from here on the list is fixed. One out of sight is
 * answered as one that does not exist.
 *
 * @throws {AirfleetError} INSTANCE_UNKNOWN, INSTANCE_DISABLED, SELECTOR_INVALID, TRIGGER_TARGETS_NONE
 */
export const chooseTargets = async (
  { instances: asked, selector: text, dagId }: Pick<TriggerAsk, "instances" | "selector" | "dagId">,
  actor: Actor,
  { store, instances }: TargetPorts,
): Promise<Targets> => {
  const visible = instances.list().filter(({ id }) => isInScope(actor, id));
  const known = shown(visible.map(({ id }) => id));
  if (text === undefined) {
    const found = [...new Set(asked)].map((id) => visible.find((one) => one.id === id) ?? id);
    for (const one of found) {
      if (typeof one === "string") throw new AirfleetError("INSTANCE_UNKNOWN", { instance: one, known });
      if (!one.enabled) throw new AirfleetError("INSTANCE_DISABLED", { instance: one.id });
    }
    return found.map((one) => toInstanceId(typeof one === "string" ? one : one.id));
  }
  const selector = parseSelector(text, "dags");
  const meant = selectInstances(
    selector,
    visible.filter(({ enabled }) => enabled),
  );
  const picked = await withoutIdleMachines(meant, dagId, store);
  const { includes } = await selectDagsOfRuns(selector, picked, store.dags);
  const matched = picked.filter((id) => includes(id, dagId));
  if (matched.length === 0) throw new AirfleetError("TRIGGER_TARGETS_NONE", { selector: text, dag_id: dagId, known });
  return matched;
};
