import { sentinelDagId } from "@airfleet/deploy";
import type { Engine } from "@airfleet/engine";
import { type Dag, type DagId, type ImportError, isAirfleetError, toDagId } from "@airfleet/model";

/** Up to so many DAGs are read one by one; more as a list. */
const FEW = 4;
/** Details and nudges of one look: the rest has its turn at the next. */
export const MOST_DETAILS = 200;
const MOST_NUDGES = 20;
const AT_ONCE = 4;

const unlessUnknown = async <Answer>(call: Promise<Answer>): Promise<Answer | undefined> => {
  try {
    return await call;
  } catch (error) {
    if (isAirfleetError(error) && error.code === "DAG_UNKNOWN") return undefined;
    throw error;
  }
};

/** Does something for each, some at a time. */
export const each = async <Item>(
  items: readonly Item[],
  act: (item: Item) => Promise<void>,
  atOnce = AT_ONCE,
): Promise<void> => {
  for (let at = 0; at < items.length; at += atOnce) await Promise.all(items.slice(at, at + atOnce).map(act));
};

/** DAGs by id as the engine has them now; those that it does not know are absent. */
export const readDags = async (
  engine: Engine,
  ids: readonly DagId[],
  signal: AbortSignal,
): Promise<ReadonlyMap<DagId, Dag>> => {
  const found = new Map<DagId, Dag>();
  const wanted = new Set(ids);
  if (wanted.size <= FEW) {
    await each([...wanted], async (id) => {
      const dag = await unlessUnknown(engine.getDag(id, { signal }));
      if (dag !== undefined) found.set(id, dag);
    });
    return found;
  }
  let after: string | undefined;
  do {
    const page = await engine.listDags({ tags: ["airfleet"], ...(after === undefined ? {} : { after }) }, { signal });
    for (const dag of page.items) if (wanted.has(dag.dagId)) found.set(dag.dagId, dag);
    after = page.next ?? undefined;
  } while (after !== undefined && found.size < wanted.size);
  return found;
};

/** What each DAG's documentation says, of at most {@link MOST_DETAILS}. */
export const readDocs = async (
  engine: Engine,
  ids: readonly DagId[],
  signal: AbortSignal,
): Promise<ReadonlyMap<DagId, string | null>> => {
  const found = new Map<DagId, string | null>();
  await each(ids.slice(0, MOST_DETAILS), async (id) => {
    const detail = await unlessUnknown(engine.getDagDetail(id, { signal }));
    if (detail !== undefined) found.set(id, detail.docMd);
  });
  return found;
};

/** Import errors, where there may be some of ours. */
export const readImportErrors = (engine: Engine, signal: AbortSignal): Promise<readonly ImportError[]> =>
  engine.listImportErrors({ signal });

/**
 * Asks for files to be parsed next: known ones for themselves; for new ones the sentinel, whose parse makes Airflow 3
 * look for files. A nudge that fails costs time, nothing else. @returns the ids that were nudged
 */
export const nudge = async (
  engine: Engine,
  wishes: readonly { readonly dagId: DagId; readonly isKnown: boolean }[],
  folder: string,
  signal: AbortSignal,
): Promise<ReadonlySet<DagId>> => {
  const nudged = new Set<DagId>();
  const ask = async (id: DagId): Promise<boolean> => {
    try {
      await engine.requestReparse(id, { signal });
      return true;
    } catch (error) {
      if (isAirfleetError(error)) return false;
      throw error;
    }
  };
  const known = wishes.filter(({ isKnown }) => isKnown).slice(0, MOST_NUDGES);
  await each(known, async ({ dagId }) => {
    if (await ask(dagId)) nudged.add(dagId);
  });
  const unknown = wishes.filter(({ isKnown }) => !isKnown);
  if (unknown.length > 0 && (await ask(toDagId(sentinelDagId(folder)))))
    for (const { dagId } of unknown) nudged.add(dagId);
  return nudged;
};
