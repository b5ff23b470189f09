/** What stands where a secret stood. */
export const REDACTED = "***";

/** Parts of key names whose values are taken for secrets. Matched ignoring case and `_`, `-`, `.`. */
export const SECRET_KEY_PARTS = [
  "password",
  "passwd",
  "passphrase",
  "secret",
  "token",
  "apikey",
  "accesskey",
  "privatekey",
  "secretkey",
  "credential",
  "authorization",
  "cookie",
  "connectionstring",
] as const;

const MAX_DEPTH = 32;
/** Names whose verdict is remembered: bounds what a stranger's conf can make us keep. */
const NAMES_REMEMBERED = 1_000;
/** `user:password@` in a URL, wherever it stands in a text. */
const URL_PASSWORD = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*):[^\s/@]+@/gi;

const normalise = (name: string): string => name.toLowerCase().replaceAll(/[_\-. ]/g, "");

/**
 * Makes a function that copies a JSON value with its secrets taken out: values of keys that look secret, and passwords
 * in URLs. It errs on the side of hiding, since the copy goes into the audit trail for ever.
 *
 * @param parts More parts of key names, besides `SECRET_KEY_PARTS`.
 */
export const createRedactor = (parts: readonly string[] = []): ((value: unknown) => unknown) => {
  const needles = [...SECRET_KEY_PARTS, ...parts.map(normalise).filter((part) => part !== "")];
  /** A conf may have the same few names ten thousand times. */
  const judged = new Map<string, boolean>();
  const looksSecret = (name: string): boolean => {
    const known = judged.get(name);
    if (known !== undefined) return known;
    if (judged.size >= NAMES_REMEMBERED) judged.clear();
    const isSecret = judge(name);
    judged.set(name, isSecret);
    return isSecret;
  };
  const judge = (name: string): boolean => {
    const plain = normalise(name);
    // A bare `key` or `pin` is one; `sort_key` or `primary_key` is not.
    return plain === "key" || plain === "pin" || needles.some((needle) => plain.includes(needle));
  };
  const redact = (value: unknown, depth: number): unknown => {
    if (typeof value === "string" && !value.includes("://")) return value;
    if (typeof value === "string") return value.replaceAll(URL_PASSWORD, `$1:${REDACTED}@`);
    if (typeof value !== "object" || value === null) return value;
    if (depth >= MAX_DEPTH) return REDACTED;
    if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [
        name,
        looksSecret(name) && inner !== null && typeof inner !== "boolean" ? REDACTED : redact(inner, depth + 1),
      ]),
    );
  };
  return (value) => redact(value, 0);
};
