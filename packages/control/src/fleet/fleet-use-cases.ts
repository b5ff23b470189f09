import { AirfleetError, type InstanceId, matchesInstance, type Selector } from "@airfleet/model";
import type { DagCell, FleetPage, Store } from "@airfleet/store";
import type { FleetUseCases } from "../control.ts";
import type { FleetDagCell, InstanceFreshness } from "./fleet-dag.ts";
import type { InstanceConditions } from "./instance-conditions.ts";
import type { InstanceRegistry } from "./instance-registry.ts";
import { isStale } from "./instance-status.ts";
import { selectFleetPage } from "./select-fleet-dags.ts";

interface FleetPorts {
  readonly store: Store;
  readonly registry: InstanceRegistry;
  readonly conditions: InstanceConditions;
  readonly now: () => number;
}

/**
 * A cell that did not change since is as fresh as the last sweep that found it so; one that an action has read since
 * is fresher.
 */
const toCells = (cells: readonly DagCell[], freshness: readonly InstanceFreshness[]): readonly FleetDagCell[] => {
  const byInstance = new Map(freshness.map((one) => [one.instance, one]));
  return cells.map((cell) => {
    const swept = byInstance.get(cell.instance);
    const observedAt = Math.max(cell.observedAt, swept?.observedAt ?? 0);
    return { ...cell, observedAt, stale: swept?.stale ?? true };
  });
};

/** Answers from the store. Each says how fresh every instance's part of it is; nothing here calls an instance. */
export const createFleetUseCases = ({ store, registry, conditions, now }: FleetPorts): FleetUseCases => {
  const describeFreshness = (instances: readonly InstanceId[] | undefined): readonly InstanceFreshness[] =>
    registry
      .list()
      .filter(({ config, removed }) => (instances === undefined ? !removed : instances.includes(config.id)))
      .map((defined) => {
        const { enabled, id } = defined.config;
        const dags = conditions.freshness(defined, "dags");
        // An instance that does not answer for its health is not asked for its DAGs: that is why they are old.
        const error = dags.error ?? conditions.freshness(defined, "health").error;
        return {
          instance: id,
          observedAt: dags.observedAt,
          stale: !enabled || error !== null || isStale(dags, now()),
          error: enabled ? (error?.message ?? null) : `Instance "${id}" is disabled.`,
        };
      });

  const selectInstanceIds = (ids: readonly InstanceId[], selector: Selector | undefined): readonly InstanceId[] => {
    if (selector === undefined) return ids;
    return ids.filter((id) => {
      const version = conditions.probe(id)?.version ?? null;
      return matchesInstance(selector, { ...registry.get(id).config, version });
    });
  };

  return {
    async listDags(query) {
      const { instances, selector, limit, after: start, ...filter } = query;
      for (const instance of instances ?? []) registry.get(instance);
      const listed = {
        ...filter,
        // Cells of an instance that was forgotten are history, not fleet.
        instances: selectInstanceIds(instances ?? registry.list().map(({ config }) => config.id), selector),
      };
      const readPage = (rows: number, after: string | undefined): Promise<FleetPage> =>
        store.dags.listFleet({ ...listed, limit: rows, ...(after === undefined ? {} : { after }) });
      const { items, next } = await (selector === undefined
        ? readPage(limit, start)
        : selectFleetPage(selector, limit, start, readPage));
      const freshness = describeFreshness(selector === undefined ? instances : listed.instances);
      return {
        items: items.map((item) => ({ ...item, cells: toCells(item.cells, freshness) })),
        next,
        instances: freshness,
      };
    },

    async getDag(dagId, instances) {
      const known = registry.list().map(({ config }) => config.id);
      const wanted = instances === undefined ? known : known.filter((id) => instances.includes(id));
      const dag = await store.dags.getFleetDag(dagId, { instances: wanted });
      if (dag === undefined) {
        throw new AirfleetError("DAG_UNKNOWN", {
          dag_id: dagId,
          instance: wanted.length === 1 ? String(wanted[0]) : "*",
        });
      }
      const freshness = describeFreshness(wanted);
      return { ...dag, cells: toCells(dag.cells, freshness), instances: freshness };
    },
  };
};
