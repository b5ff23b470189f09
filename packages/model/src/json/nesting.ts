/** Levels of a pipeline's JSON, itself included. What people draw has about ten; code that recurses bears far more. */
export const MOST_LEVELS = 100;

/** Whether a JSON value has more levels than this. Walks without recursion: it must not end in a full stack itself. */
export const isNestedDeeper = (value: unknown, levels = MOST_LEVELS): boolean => {
  const open: { readonly value: unknown; readonly level: number }[] = [{ value, level: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next.value !== "object" || next.value === null) continue;
    if (next.level > levels) return true;
    for (const inner of Object.values(next.value)) open.push({ value: inner, level: next.level + 1 });
  }
  return false;
};
