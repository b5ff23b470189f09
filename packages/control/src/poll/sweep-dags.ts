import type { Engine } from "@airfleet/engine";
import type { Store } from "@airfleet/store";

/** Bounds of one call, as the engine takes them. */
interface SweepOptions {
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** Pages that a sweep follows at most, against a server whose list never ends. */
const PAGE_CAP = 1_000;

/**
 * Reads an instance's whole list of DAGs and its import errors: one call per page of 100 and one more. Rows are written
 * only where something changed; DAGs that are on no page any more are marked as gone, if every page was read.
 */
export const sweepDags = async (engine: Engine, store: Store, { now, signal }: SweepOptions): Promise<void> => {
  const { instance } = engine;
  const { pageLimit } = await engine.capabilities({ signal });
  const sweep = store.dags.sweep(instance, now());
  let after: string | null = null;
  for (let page = 0; page < PAGE_CAP; page += 1) {
    const readAt = now();
    const answer = await engine.listDags({ limit: pageLimit, ...(after === null ? {} : { after }) }, { signal });
    await sweep.add(answer.items, readAt);
    after = answer.next;
    if (after === null) break;
  }
  const readAt = now();
  await store.importErrors.replace(instance, await engine.listImportErrors({ signal }), readAt);
  if (after === null) await sweep.finish();
};
