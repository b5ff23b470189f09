import { dagIdsNamed, type InstanceId, matchesDag, matchesInstance, type Selector, termsAbout } from "@airfleet/model";
import type { DagCell, Store } from "@airfleet/store";
import type { FleetInstance } from "./fleet-instance.ts";

/** Rows of the fleet's DAG list that are looked through at a time. */
const PAGE = 500;

/** The instances that a selector picks, out of those that the caller may see. */
export const selectInstances = (selector: Selector, visible: readonly FleetInstance[]): readonly FleetInstance[] =>
  visible.filter((instance) => matchesInstance(selector, { ...instance, version: instance.status.version }));

/** Every DAG that a selector picks on these instances, in order of DAG id, as last read. */
export async function* selectDags(
  selector: Selector,
  instances: readonly InstanceId[],
  dags: Pick<Store["dags"], "listFleet">,
): AsyncGenerator<DagCell> {
  let after: string | undefined;
  do {
    const page = await dags.listFleet({ instances, limit: PAGE, ...(after === undefined ? {} : { after }) });
    for (const { cells } of page.items) yield* cells.filter(({ dag }) => matchesDag(selector, dag));
    after = page.next ?? undefined;
  } while (after !== undefined);
}

/** Which DAGs a selector of runs means. */
export interface SelectedDags {
  /** Ids that come into question; undefined for all. */
  readonly dagIds: readonly string[] | undefined;
  /** Whether a run of this DAG on this instance is meant. */
  readonly includes: (instance: string, dagId: string) => boolean;
}

/** @param instances Those that the selector picks. */
export const selectDagsOfRuns = async (
  selector: Selector,
  instances: readonly InstanceId[],
  dags: Pick<Store["dags"], "listFleet">,
): Promise<SelectedDags> => {
  if (termsAbout(selector, "dags").length === 0) return { dagIds: undefined, includes: () => true };
  const named = dagIdsNamed(selector);
  if (named !== undefined) return { dagIds: named, includes: (_instance, dagId) => named.includes(dagId) };
  const pairs = new Map<string, Set<string>>();
  for await (const { instance, dag } of selectDags(selector, instances, dags)) {
    const on = pairs.get(dag.dagId) ?? new Set();
    pairs.set(dag.dagId, on.add(instance));
  }
  return { dagIds: [...pairs.keys()], includes: (instance, dagId) => pairs.get(dagId)?.has(instance) === true };
};
