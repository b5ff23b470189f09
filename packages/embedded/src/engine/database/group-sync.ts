/**
 * Lets many share one call of a slow sync: who asks while one is under way waits for the next, which begins after what
 * they have written.
 */
export const createGroupSync = (sync: () => Promise<void>): (() => Promise<void>) => {
  let current: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const begin = async (): Promise<void> => {
    await current?.catch(() => undefined);
    current = next;
    next = undefined;
    await sync();
  };
  return () => {
    next ??= begin();
    return next;
  };
};
