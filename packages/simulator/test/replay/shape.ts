/** A path into an answer, as `dag_runs[].conf`. */
export type Path = string;

/** Objects whose keys are data, not form. */
const FREE_FORM = new Set(["conf", "params", "rendered_fields", "extra", "schedule_interval"]);

const V1_DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\+00:00$/;
const V2_DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const kindOf = (value: unknown): string => {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value !== "string") return typeof value;
  if (V1_DATE.test(value)) return "date with offset";
  if (V2_DATE.test(value)) return "date in zulu";
  return UUID.test(value) ? "uuid7" : "string";
};

const isObject = (value: unknown): value is Record<string, unknown> => kindOf(value) === "object";

export interface Comparison {
  /** Fields that may be null on one side, by the last part of their path: what depends on the moment. */
  readonly mayBeNull: ReadonlySet<string>;
}

/** What is different in form between a recorded answer and ours: keys, types, date formats, nulls. */
export const differences = (recorded: unknown, ours: unknown, comparison: Comparison, path: Path = "$"): string[] => {
  const name = path.split(".").at(-1) ?? path;
  const [theirKind, ourKind] = [kindOf(recorded), kindOf(ours)];
  if (theirKind !== ourKind) {
    const isAllowed = (theirKind === "null" || ourKind === "null") && comparison.mayBeNull.has(name);
    return isAllowed ? [] : [`${path}: recorded ${theirKind}, ours ${ourKind}`];
  }
  if (FREE_FORM.has(name)) return [];
  if (Array.isArray(recorded) && Array.isArray(ours)) {
    const [theirs] = recorded as unknown[];
    const [mine] = ours as unknown[];
    if (theirs === undefined || mine === undefined)
      return theirs === mine ? [] : [`${path}: recorded ${recorded.length} rows, ours ${ours.length}`];
    return differences(theirs, mine, comparison, `${path}[]`);
  }
  if (!isObject(recorded) || !isObject(ours)) return [];
  const keys = [...new Set([...Object.keys(recorded), ...Object.keys(ours)])].sort();
  return keys.flatMap((key) => {
    if (!(key in ours)) return [`${path}.${key}: missing in ours`];
    if (!(key in recorded)) return [`${path}.${key}: not in the recorded one`];
    return differences(recorded[key], ours[key], comparison, `${path}.${key}`);
  });
};

/** Makes texts comparable that carry an id of their own. */
export const withoutIds = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value).replace(/look for ID \w{8}/g, "look for ID xxxxxxxx")) as unknown;

/** The same value with the keys of its objects in order of the alphabet. */
export const sortKeys = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sortKeys(value[key])]),
  );
};
