/** Calls in flight at once: enough for a hundred instances in a few waves, few enough for one server. */
const AT_ONCE = 32;

/** What came of one of many calls. */
export type Gathered<Item, Answer> =
  | { readonly item: Item; readonly ok: true; readonly answer: Answer }
  | { readonly item: Item; readonly ok: false; readonly error: unknown };

/** Calls once per item, in parallel; one failure does not touch the others. Answers in the order of the items. */
export const gather = async <Item, Answer>(
  items: readonly Item[],
  call: (item: Item) => Promise<Answer>,
  onSettled?: (settled: number) => void,
): Promise<readonly Gathered<Item, Answer>[]> => {
  const results: Gathered<Item, Answer>[] = [];
  const queue = items.entries();
  let settled = 0;
  const work = async (): Promise<void> => {
    for (const [index, item] of queue) {
      try {
        results[index] = { item, ok: true, answer: await call(item) };
      } catch (error) {
        results[index] = { item, ok: false, error };
      }
      settled += 1;
      onSettled?.(settled);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, work));
  return results;
};
