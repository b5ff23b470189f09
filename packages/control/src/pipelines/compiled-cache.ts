/**
 * Keeps what was computed last, up to a total weight; what was not asked for longest goes first.
 *
 * @param weigh of one value, in any unit
 */
export const createWeighedCache = <Value>(
  most: number,
  weigh: (value: Value) => number,
): { get(key: string, compute: () => Value): Value } => {
  const kept = new Map<string, { readonly value: Value; readonly weight: number }>();
  let total = 0;
  const drop = (key: string): void => {
    total -= kept.get(key)?.weight ?? 0;
    kept.delete(key);
  };
  return {
    get(key, compute) {
      const known = kept.get(key);
      if (known !== undefined) {
        // Last in the map's order: last to go.
        kept.delete(key);
        kept.set(key, known);
        return known.value;
      }
      const value = compute();
      const weight = weigh(value);
      kept.set(key, { value, weight });
      total += weight;
      for (const oldest of kept.keys()) {
        if (total <= most || oldest === key) break;
        drop(oldest);
      }
      return value;
    },
  };
};
