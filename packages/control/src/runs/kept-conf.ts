import { REDACTED } from "../audit/redact-secrets.ts";

/**
 * Bytes of a run's conf, as JSON, that are kept: a page of a hundred runs then stays below 2 MB, and five million runs
 * with the usual conf of some hundred bytes are what the store is made for. Subject rules see the whole conf before it
 * is cut; the engine keeps it as well.
 */
export const KEPT_CONF_BYTES = 16_384;

/** What stands where a value was too long to be kept. */
const leftOut = (bytes: number): string => `${REDACTED} ${bytes} bytes left out`;

type Conf = Readonly<Record<string, unknown>>;

const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? "");

/**
 * A conf that is short enough to be kept: values give way one by one, the longest first, and then whole keys, so that
 * the ids that people search for stay. The same conf always gives the same.
 */
export const toKeptConf = (conf: Conf): Conf => {
  let bytes = sizeOf(conf);
  if (bytes <= KEPT_CONF_BYTES) return conf;
  const sizes = Object.entries(conf).map(([name, value]) => ({ name, value, bytes: sizeOf(value) }));
  const kept = new Map<string, unknown>(sizes.map(({ name, value }) => [name, value]));
  for (const longest of sizes.toSorted((left, right) => right.bytes - left.bytes)) {
    if (bytes <= KEPT_CONF_BYTES) break;
    const mark = leftOut(longest.bytes);
    const isWorthIt = longest.bytes > sizeOf(mark);
    if (isWorthIt) kept.set(longest.name, mark);
    else kept.delete(longest.name);
    bytes -= isWorthIt ? longest.bytes - sizeOf(mark) : longest.bytes + sizeOf(longest.name) + 2;
  }
  while (sizeOf(Object.fromEntries(kept)) > KEPT_CONF_BYTES) {
    const last = [...kept.keys()].at(-1);
    if (last === undefined) break;
    kept.delete(last);
  }
  return Object.fromEntries(kept);
};
