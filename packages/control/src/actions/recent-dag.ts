import type { CallOptions, Engine } from "@airfleet/engine";
import type { Dag, DagId } from "@airfleet/model";

/** So old may a reading be that only warns: a thousand triggers of one DAG must not cost a thousand readings of it. */
const RECENT_MS = 2_000;

interface Reading {
  readonly at: number;
  readonly dag: Promise<Dag>;
}

const readings = new WeakMap<Engine, Map<DagId, Reading>>();

/** The DAG as read within the last two seconds, for whoever needs no more than that. A failed reading is not kept. */
export const readRecentDag = (engine: Engine, dagId: DagId, options: CallOptions): Promise<Dag> => {
  const own = readings.get(engine) ?? new Map<DagId, Reading>();
  readings.set(engine, own);
  const now = performance.now();
  for (const [id, { at }] of own) if (now - at > RECENT_MS) own.delete(id);
  const known = own.get(dagId);
  if (known !== undefined) return known.dag;
  const dag = engine.getDag(dagId, options);
  own.set(dagId, { at: now, dag });
  dag.catch(() => own.delete(dagId));
  return dag;
};
