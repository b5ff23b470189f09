import { REDACTED } from "../audit/redact-secrets.ts";

type Redact = (value: unknown) => unknown;

const hide = (value: unknown, names: ReadonlySet<string>): unknown => {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((inner) => hide(inner, names));
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, names.has(name) ? REDACTED : hide(inner, names)]),
  );
};

/** A value as our records may show it: without what looks secret, nor what the caller calls so, at any depth. */
export const redactConf = (value: unknown, secretKeys: readonly string[] | undefined, redact: Redact): unknown => {
  const seemly = redact(value);
  return secretKeys === undefined || secretKeys.length === 0 ? seemly : hide(seemly, new Set(secretKeys));
};
