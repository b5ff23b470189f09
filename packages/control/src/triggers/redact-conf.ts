import { REDACTED } from "../audit/redact-secrets.ts";

type Redact = (value: unknown) => unknown;

const hide = (value: unknown, names: ReadonlySet<string>): unknown => {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((inner) => hide(inner, names));
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, names.has(name) ? REDACTED : hide(inner, names)]),
  );
};

/** A value as our records may show it: without what looks secret, nor what callers call so, at any depth. */
export const redactConf = (value: unknown, secretKeys: Iterable<string> | undefined, redact: Redact): unknown => {
  const seemly = redact(value);
  const names = new Set(secretKeys);
  return names.size === 0 ? seemly : hide(seemly, names);
};
