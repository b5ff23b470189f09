/**
 * A place in a run's conf: `conf.finding_aid_id`, `conf.batch.ids[0]`, `conf["odd key"]`, `conf.ids[]`, `conf.items[].id`.
 * `[]` stands for every element of a list and may be used once.
 */
export type ConfStep =
  | { readonly kind: "key"; readonly key: string }
  | { readonly kind: "index"; readonly index: number }
  | { readonly kind: "each" };

export type ConfPath = readonly ConfStep[];

/** One step, at the start of what is left: `.key`, `[]`, `[0]` or `["key"]`. */
const STEP = /^(?:\.([A-Za-z_][A-Za-z0-9_-]*)|\[(\d{1,6})?\]|\[("(?:[^"\\]|\\["\\/])*")\])/;

const toStep = ([, key, index, quoted]: RegExpExecArray): ConfStep => {
  if (key !== undefined) return { kind: "key", key };
  if (quoted !== undefined) return { kind: "key", key: JSON.parse(quoted) as string };
  return index === undefined ? { kind: "each" } : { kind: "index", index: Number(index) };
};

/** Reads what follows `conf`; null when it is no such place. */
export const parseConfPath = (text: string): ConfPath | null => {
  const path: ConfStep[] = [];
  let rest = text;
  while (rest !== "") {
    const found = STEP.exec(rest);
    if (found === null) return null;
    path.push(toStep(found));
    rest = rest.slice(found[0].length);
  }
  return path;
};

/** The part of the path up to and with `[]`, as text, so that two paths can be told to walk the same list. */
export const listOf = (path: ConfPath): string | null => {
  const at = path.findIndex(({ kind }) => kind === "each");
  return at === -1 ? null : JSON.stringify(path.slice(0, at));
};

/**
 * The value at a path; undefined where there is none. Only what JSON put there is found, nothing that objects inherit.
 *
 * @param element Which element `[]` stands for.
 */
export const readConf = (conf: unknown, path: ConfPath, element = 0): unknown => {
  let value: unknown = conf;
  for (const step of path) {
    if (typeof value !== "object" || value === null) return undefined;
    if (step.kind === "key") {
      value = !Array.isArray(value) && Object.hasOwn(value, step.key) ? Reflect.get(value, step.key) : undefined;
    } else {
      value = Array.isArray(value) ? (value as unknown[])[step.kind === "each" ? element : step.index] : undefined;
    }
  }
  return value;
};

/** How many elements the list has that the path walks; none when there is no list. */
export const countElements = (conf: unknown, path: ConfPath): number => {
  const list = readConf(
    conf,
    path.slice(
      0,
      path.findIndex(({ kind }) => kind === "each"),
    ),
  );
  return Array.isArray(list) ? list.length : 0;
};
