import { AirfleetError } from "@airfleet/model";

/** A message larger than this is none that a queue could have carried (SQS: 1 MiB since 2025, SNS: 256 KB). */
const MOST_BYTES = 1_048_576;
/** Deeper than anything a task reports; what walks a value later may do so by recursion. */
const MOST_LEVELS = 64;

/** Keys that mean something else than data to careless code, here or at whoever reads it from us. */
const REFUSED_KEYS: ReadonlySet<string> = new Set(["__proto__"]);

/** Refuses a value that is nested too deeply, or has keys that are no data. @throws REPORT_TOO_LARGE, REPORT_UNREADABLE */
export const checkTree = (root: unknown): void => {
  const waiting: { readonly value: unknown; readonly level: number }[] = [{ value: root, level: 1 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, level } = next;
    if (typeof value !== "object" || value === null) continue;
    if (level > MOST_LEVELS)
      throw new AirfleetError("REPORT_TOO_LARGE", { size: level, unit: "levels", limit: MOST_LEVELS });
    for (const [key, inner] of Object.entries(value)) {
      if (REFUSED_KEYS.has(key)) throw new AirfleetError("REPORT_UNREADABLE", { reason: `it has a key "${key}"` });
      waiting.push({ value: inner, level: level + 1 });
    }
  }
};

/** JSON of somebody else's, of a size and shape that nothing after it has to fear. @throws REPORT_TOO_LARGE, REPORT_UNREADABLE */
export const readJson = (text: string): unknown => {
  const bytes = Buffer.byteLength(text);
  if (bytes > MOST_BYTES)
    throw new AirfleetError("REPORT_TOO_LARGE", { size: bytes, unit: "bytes", limit: MOST_BYTES });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // The parser's own words would quote the message, which may hold what is secret.
    throw new AirfleetError("REPORT_UNREADABLE", { reason: "it is not JSON" }, { cause: error });
  }
  checkTree(value);
  return value;
};
