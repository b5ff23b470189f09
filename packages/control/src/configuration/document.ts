import type { ErrorFinding } from "@airfleet/model";
import {
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
} from "yaml";

type Path = readonly PropertyKey[];

/** A parsed file that still knows where each of its values stands. */
export interface SourceDocument {
  /** As people call the file: relative to the working directory where it lies below it. */
  readonly file: string;
  readonly value: unknown;
  /** `file:line:column` of the value at this path, or of its nearest parent. */
  locate(path: Path): string;
  /** The same for the key itself. */
  locateKey(path: Path): string;
  /** What the text itself has wrong: syntax, duplicate keys. With findings, `value` is undefined. */
  readonly findings: readonly ErrorFinding[];
}

const WORDS: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "this key was given before: keep one of them",
  MULTIPLE_DOCS: "a second document begins here: keep one",
  TAB_AS_INDENT: "a tab indents this line: use spaces",
};

/** The library's message ends with a picture of the lines; a secret may stand in them. */
const firstSentence = (message: string): string => message.split(/ at line |\n/)[0] ?? message;

const toFinding = (pointer: string, code: string, message: string): ErrorFinding => ({
  pointer,
  message: WORDS[code] ?? firstSentence(message),
});

/** Why strict JSON refuses the text, and where; undefined when it does not. */
const findJsonError = (
  text: string,
  lines: LineCounter,
): { readonly at: string; readonly message: string } | undefined => {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : "not JSON";
    const offset = Number(/at position (\d+)/.exec(message)?.[1] ?? text.length);
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return {
      at: `${Math.max(line, 1)}:${Math.max(col, 1)}`,
      message: "this is no JSON: look for a comma, quote or bracket before it",
    };
  }
};

/**
 * Parses YAML 1.2, or strict JSON. Never throws: what is wrong becomes findings.
 *
 * JSON is read by the YAML parser as well, since it is the one that knows positions and duplicate keys.
 */
export const parseSource = (file: string, text: string, format: "yaml" | "json"): SourceDocument => {
  const lines = new LineCounter();
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
  };
  const refuse = (findings: readonly ErrorFinding[]): SourceDocument => ({
    file,
    value: undefined,
    locate: () => `${file}:1:1`,
    locateKey: () => `${file}:1:1`,
    findings,
  });
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      stringKeys: true,
      logLevel: "error",
      prettyErrors: true,
    });
    const jsonError = format === "json" ? findJsonError(text, lines) : undefined;
    if (jsonError !== undefined) return refuse([{ pointer: `${file}:${jsonError.at}`, message: jsonError.message }]);
    const errors = document.errors.filter(({ code }) => format === "yaml" || code === "DUPLICATE_KEY");
    if (errors.length > 0)
      return refuse(errors.map(({ pos, code, message }) => toFinding(place(pos[0]), code, message)));
    const value: unknown = format === "json" ? JSON.parse(text) : document.toJS();
    const root = document.contents;
    const resolve = (node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node);
    return {
      file,
      value,
      locate: (path) => place(offsetOf(root, path, resolve, "value")),
      locateKey: (path) => place(offsetOf(root, path, resolve, "key")),
      findings: [],
    };
  } catch (error) {
    // A bomb of aliases, or nesting deeper than the stack.
    const reason = error instanceof RangeError ? "it is nested too deeply" : "it cannot be read as YAML";
    return refuse([{ pointer: `${file}:1:1`, message: reason }]);
  }
};

const startOf = (node: unknown): number | undefined => (isNode(node) ? (node as Node).range?.[0] : undefined);

/** Where the value at a path begins; the nearest parent's place for what is absent. */
const offsetOf = (root: unknown, path: Path, resolve: (node: unknown) => unknown, what: "key" | "value"): number => {
  let node = resolve(root);
  let offset = startOf(node) ?? 0;
  for (const [depth, step] of path.entries()) {
    if (!isCollection(node)) return offset;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(step));
      if (!isPair(pair)) return offset;
      const wantsKey = what === "key" && depth === path.length - 1;
      offset = (wantsKey ? startOf(pair.key) : (startOf(pair.value) ?? startOf(pair.key))) ?? offset;
      node = resolve(pair.value);
    } else if (isSeq(node)) {
      const item = node.items[Number(step)];
      offset = startOf(item) ?? offset;
      node = resolve(item);
    }
  }
  return offset;
};
