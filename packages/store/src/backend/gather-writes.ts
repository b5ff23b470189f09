import { setImmediate as nextTurn } from "node:timers/promises";

interface GatherOptions<Item, Answer> {
  /** Writes them in one transaction. @returns An answer each, in their order */
  readonly write: (items: readonly Item[]) => Promise<readonly Answer[]>;
  /** Two of the same key are never written together. */
  readonly keyOf: (item: Item) => string;
  /** How many are written together at most. Each number is a statement of its own to whoever keeps statements prepared. */
  readonly largest: number;
}

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Writes what many callers bring in few transactions: whoever comes while one is under way is part of the next. A
 * transaction costs about as much for ten as for one, in round trips and in waiting for the disk. Nobody is told before
 * theirs is committed. When a write fails, each of it is written by itself, so that one which cannot be written stops no
 * other.
 */
export const gatherWrites = <Item, Answer>({ write, keyOf, largest }: GatherOptions<Item, Answer>) => {
  let waiting: Waiting<Item, Answer>[] = [];
  let isWriting = false;

  const take = (): readonly Waiting<Item, Answer>[] => {
    const taken = new Map<string, Waiting<Item, Answer>>();
    const left: Waiting<Item, Answer>[] = [];
    for (const one of waiting) {
      const key = keyOf(one.item);
      if (taken.size < largest && !taken.has(key)) taken.set(key, one);
      else left.push(one);
    }
    waiting = left;
    return [...taken.values()];
  };

  const writeAll = async (group: readonly Waiting<Item, Answer>[]): Promise<void> => {
    try {
      const answers = await write(group.map(({ item }) => item));
      for (const [index, { resolve }] of group.entries()) resolve(answers[index] as Answer);
    } catch (error) {
      const [first, ...others] = group;
      if (others.length === 0) first?.reject(error);
      else for (const one of group) await writeAll([one]);
    }
  };

  const run = async (): Promise<void> => {
    isWriting = true;
    // What the same turn brings comes along.
    await nextTurn();
    while (waiting.length > 0) await writeAll(take());
    isWriting = false;
  };

  return (item: Item): Promise<Answer> =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (!isWriting) void run();
    });
};
