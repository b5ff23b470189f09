import type { DagQuery, Engine, Page } from "@airfleet/engine";
import type { Dag } from "@airfleet/model";
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
 *
 * @returns Milliseconds that the instance took to answer; our own writing does not count against it.
 */
export const sweepDags = async (engine: Engine, store: Store, { now, signal }: SweepOptions): Promise<number> => {
  const { instance } = engine;
  let spentMs = 0;
  const timed = async <Answer>(call: Promise<Answer>): Promise<Answer> => {
    const startedAt = performance.now();
    const answer = await call;
    spentMs += performance.now() - startedAt;
    return answer;
  };
  const { pageLimit } = await engine.capabilities({ signal });
  const sweep = store.dags.sweep(instance, now());
  let after: string | null = null;
  for (let page = 0; page < PAGE_CAP; page += 1) {
    const readAt = now();
    const query: DagQuery = { limit: pageLimit, ...(after === null ? {} : { after }) };
    const answer: Page<Dag> = await timed(engine.listDags(query, { signal }));
    await sweep.add(answer.items, readAt);
    after = answer.next;
    if (after === null) break;
  }
  const readAt = now();
  await store.importErrors.replace(instance, await timed(engine.listImportErrors({ signal })), readAt);
  if (after === null) await sweep.finish();
  return spentMs;
};
