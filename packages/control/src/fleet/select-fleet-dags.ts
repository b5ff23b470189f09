import { matchesDag, type Selector } from "@airfleet/model";
import type { FleetDag, FleetPage } from "@airfleet/store";

/** Pages of the store that are looked through for one page of ours, when a selector leaves much of them out. */
const ROUNDS = 10;

/** The cells of a row that a selector picks; undefined when there is none. */
const narrow = (row: FleetDag, selector: Selector): FleetDag | undefined => {
  const cells = row.cells.filter(({ dag }) => matchesDag(selector, dag));
  if (cells.length === 0) return undefined;
  return { ...row, cells, tags: [...new Set(cells.flatMap(({ dag }) => dag.tags))].toSorted() };
};

/**
 * One page of the DAGs that a selector picks. It may hold fewer rows than asked for, and still go on.
 *
 * @param readPage Reads a page of at most so many rows after this place.
 */
export const selectFleetPage = async (
  selector: Selector,
  limit: number,
  start: string | undefined,
  readPage: (limit: number, after: string | undefined) => Promise<FleetPage>,
): Promise<FleetPage> => {
  const items: FleetDag[] = [];
  let after = start;
  for (let round = 0; round < ROUNDS; round += 1) {
    const page = await readPage(limit - items.length, after);
    items.push(...page.items.flatMap((row) => narrow(row, selector) ?? []));
    if (page.next === null) return { items, next: null };
    after = page.next;
    if (items.length * 2 >= limit) break;
  }
  return { items, next: after ?? null };
};
