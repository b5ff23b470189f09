const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\u0007",
  b: "\b",
  f: "\f",
  v: "\v",
  "0": "\0",
  "\n": "",
};

/** Digits after `\x`, `\u` and `\U`. */
const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** Reads one quoted text at `start`; answers it and where it ends. Null when there is none. */
const readText = (source: string, start: number): { readonly text: string; readonly end: number } | null => {
  const quote = source[start];
  if (quote !== "'" && quote !== '"') return null;
  let text = "";
  let plainFrom = start + 1;
  for (let at = start + 1; at < source.length; at += 1) {
    const character = source[at];
    if (character === quote) return { text: text + source.slice(plainFrom, at), end: at + 1 };
    if (character !== "\\") continue;
    text += source.slice(plainFrom, at);
    const kind = source[at + 1] ?? "";
    const digits = HEX_DIGITS[kind];
    if (digits === undefined) {
      text += ESCAPES[kind] ?? `\\${kind}`;
      at += 1;
    } else {
      const code = Number.parseInt(source.slice(at + 2, at + 2 + digits), 16);
      text += code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
      at += 1 + digits;
    }
    plainFrom = at + 1;
  }
  return null;
};

/** One host's part of a log. */
export interface HostLog {
  readonly host: string;
  readonly text: string;
}

/**
 * Reads what Airflow 2 sends as the `content` of a JSON log: Python's own print of a list of (host, text) pairs, as in
 * `[('worker-1', 'line\nline\n')]`. Null when it is anything else.
 */
export const parseHostLogs = (repr: string): readonly HostLog[] | null => {
  const logs: HostLog[] = [];
  let at = 1;
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.test(repr);
    if (found) at = pattern.lastIndex;
    return found;
  };
  if (!repr.startsWith("[")) return null;
  while (!skip(/\s*\]\s*$/y)) {
    if (logs.length > 0 && !skip(/\s*,\s*/y)) return null;
    if (!skip(/\s*\(\s*/y)) return null;
    const host = readText(repr, at);
    if (host === null) return null;
    at = host.end;
    if (!skip(/\s*,\s*/y)) return null;
    const text = readText(repr, at);
    if (text === null) return null;
    at = text.end;
    if (!skip(/\s*,?\s*\)/y)) return null;
    logs.push({ host: host.text, text: text.text });
  }
  return logs;
};
