import { setImmediate as nextTurn } from "node:timers/promises";

/** Cuts a list into pieces, since a statement takes a limited number of parameters. */
export const inChunks = <Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));

/**
 * The same, a piece per turn of the event loop: SQLite works in this thread, so that without turns sockets and timers
 * would wait for all pieces.
 */
export async function* inTurns<Item>(items: readonly Item[], size: number): AsyncGenerator<readonly Item[]> {
  for (let start = 0; start < items.length; start += size) {
    if (start > 0) await nextTurn();
    yield items.slice(start, start + size);
  }
}
