import { AirfleetError } from "../errors/airfleet-error.ts";

/** Levels of a conf, itself included. Airflow's own serializers and our redactor recurse; no form goes near it. */
export const CONF_DEPTH = 64;

/** Keys that mean an object's class to JavaScript: whoever merges such a conf changes the prototype of everything. */
const REFUSED_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

const refuse = (reason: string): never => {
  throw new AirfleetError("CONF_UNUSABLE", { reason, depth: CONF_DEPTH });
};

const kindOf = (value: unknown): string =>
  value === null
    ? "null"
    : Array.isArray(value)
      ? "a list"
      : typeof value === "string"
        ? "a text"
        : `a ${typeof value}`;

/** Walks without recursion: a conf that nests too deep must not end in a full stack. */
const checkInside = (conf: object): void => {
  const open: { readonly value: object; readonly depth: number }[] = [{ value: conf, depth: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    if (depth > CONF_DEPTH) refuse("it is nested deeper");
    const isList = Array.isArray(value);
    for (const [key, inner] of Object.entries(value) as [string, unknown][]) {
      if (!isList && REFUSED_KEYS.has(key)) refuse(`it holds a key "${key}"`);
      if (typeof inner === "object" && inner !== null) open.push({ value: inner, depth: depth + 1 });
    }
  }
};

/**
 * Checks a conf that is to be sent: what both generations of Airflow take is a JSON object and nothing else.
 *
 * @throws {AirfleetError} CONF_UNUSABLE with the rule that is broken
 */
export const checkConf = (value: unknown): Readonly<Record<string, unknown>> => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return refuse(`it is ${kindOf(value)}, not an object`);
  }
  checkInside(value);
  return value as Readonly<Record<string, unknown>>;
};
