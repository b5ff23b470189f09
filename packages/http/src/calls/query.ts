type QueryValue = string | number | boolean | readonly string[] | undefined;

/** Query parameters; a list becomes one parameter per item, which is how both generations want lists. */
export type Query = Readonly<Record<string, QueryValue>>;

/** `?a=1&b=2`, or nothing. `encodeURIComponent` writes `+` as `%2B`: Airflow 2 would read a bare one as a space. */
export const toQueryText = (query: Query | undefined): string => {
  const pairs = toQueryPairs(query).map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`);
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
};

export const toQueryPairs = (query: Query | undefined): [string, string][] => {
  if (query === undefined) return [];
  return Object.entries(query).flatMap(([key, value]): [string, string][] => {
    if (value === undefined) return [];
    if (typeof value === "object") return value.map((item) => [key, item]);
    return [[key, String(value)]];
  });
};
