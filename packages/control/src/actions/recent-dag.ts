import type { CallOptions, Engine } from "@airfleet/engine";
import type { Dag, DagId, InstanceId } from "@airfleet/model";
import type { Store } from "@airfleet/store";
import type { InstanceConditions } from "../fleet/instance-conditions.ts";
import type { InstanceRegistry } from "../fleet/instance-registry.ts";
import { startTroubleOf } from "../triggers/start-trouble.ts";

/**
 * The DAG as it is, or was a moment ago, for whoever only warns of what keeps its runs from starting; undefined where a
 * sweep found nothing of that kind lately, and asking again would cost the instance more than it could tell.
 */
export type ReadRecentDag = (engine: Engine, dagId: DagId, options: CallOptions) => Promise<Dag | undefined>;

/** So old may a reading be that only warns: a thousand triggers of one DAG must not cost a thousand readings of it. */
const RECENT_MS = 2_000;
/**
 * And so old the sweep over all DAGs of an instance that pays a password hash for each call, where it found nothing
 * wrong: twice the least time between two sweeps. Whoever pauses the DAG in between is noticed by the watch over
 * accepted triggers, which reads the DAG itself.
 */
const SWEPT_MS = 120_000;

interface Reading {
  readonly at: number;
  readonly dag: Promise<Dag | undefined>;
}

interface RecentDagPorts {
  readonly store: Pick<Store, "dags">;
  readonly registry: Pick<InstanceRegistry, "list">;
  readonly conditions: Pick<InstanceConditions, "freshness" | "isCostly">;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export const createRecentDags = ({ store, registry, conditions, now }: RecentDagPorts): ReadRecentDag => {
  const readings = new WeakMap<Engine, Map<DagId, Reading>>();

  /** What a sweep found wrong is never told from memory: it may be over. */
  const wasFineLately = async (instance: InstanceId, dagId: DagId): Promise<boolean> => {
    const defined = registry.list().find(({ config }) => config.id === instance);
    if (defined === undefined || !conditions.isCostly(defined)) return false;
    const { observedAt, error } = conditions.freshness(defined, "dags");
    if (error !== null || observedAt === null || now() - observedAt > SWEPT_MS) return false;
    const cell = await store.dags.find(instance, dagId);
    return cell !== undefined && startTroubleOf(cell.dag).length === 0;
  };

  return (engine, dagId, options) => {
    const own = readings.get(engine) ?? new Map<DagId, Reading>();
    readings.set(engine, own);
    const at = performance.now();
    for (const [id, reading] of own) if (at - reading.at > RECENT_MS) own.delete(id);
    const known = own.get(dagId);
    if (known !== undefined) return known.dag;
    const dag = wasFineLately(engine.instance, dagId).then((isFine) =>
      isFine ? undefined : engine.getDag(dagId, options),
    );
    own.set(dagId, { at, dag });
    // A failed reading is not kept.
    dag.catch(() => own.delete(dagId));
    return dag;
  };
};
