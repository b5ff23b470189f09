import { parseConfPath, readConf } from "./conf-path.ts";
import type { RunFacts } from "./run-facts.ts";

type Scalar = string | number | boolean;

/** Whether a run's conf is as a rule wants it. */
export type Condition = (conf: RunFacts["conf"]) => boolean;

/** `5` and `"5"` are the same: Airflow's own form sends texts, scripts send numbers. */
const isSame = (wanted: Scalar, found: unknown): boolean =>
  typeof wanted === "boolean" || (typeof found !== "string" && typeof found !== "number")
    ? wanted === found
    : String(wanted) === String(found);

/** Equality at one place of the conf: `conf.preview` with a value, or with a list of which one is enough. */
export const compileCondition = (
  place: string,
  wanted: Scalar | readonly Scalar[],
): Condition | { readonly mistake: string } => {
  const path = /^conf[.[]/.test(place) ? parseConfPath(place.slice("conf".length)) : null;
  if (path === null) return { mistake: `"${place}" is no place in the conf; write conf.key` };
  if (path.some(({ kind }) => kind === "each")) return { mistake: `"${place}" is a whole list; write conf.list[0]` };
  const values: readonly Scalar[] = Array.isArray(wanted) ? (wanted as readonly Scalar[]) : [wanted as Scalar];
  return (conf) => {
    const found = readConf(conf, path);
    return values.some((value) => isSame(value, found));
  };
};
