import { type ConfPath, countElements, listOf, parseConfPath, readConf } from "./conf-path.ts";
import type { RunFacts } from "./run-facts.ts";

/** What a placeholder stands for. */
type Source =
  | { readonly kind: "conf"; readonly path: ConfPath; readonly name: string }
  | { readonly kind: "fact"; readonly fact: "instance" | "dagId" | "runId" | "logicalDate" }
  | { readonly kind: "capture"; readonly of: CaptureSource; readonly name: string };

type Piece = string | Source;

/** Ids that parts can be taken from. */
export const CAPTURE_SOURCES = ["dag_id", "run_id"] as const;
export type CaptureSource = (typeof CAPTURE_SOURCES)[number];
export type Captures = Readonly<Record<CaptureSource, Readonly<Record<string, string>>>>;

/** Text with `{{ placeholders }}`, read once and filled for each run. */
export interface TextTemplate {
  readonly pieces: readonly Piece[];
  /** The list that `[]` walks, as text; null when the template has none. */
  readonly list: string | null;
}

/** What is wrong with a template, in words for the person who wrote it. */
export class TextTemplateMistake extends Error {}

/** What came of filling: the text; nothing, as a value is missing; or a value that is no text. */
export type Filled =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "missing" }
  | { readonly kind: "problem"; readonly problem: string };

const FACTS = { instance: "instance", dag_id: "dagId", run_id: "runId", logical_date: "logicalDate" } as const;
/** Stands where a secret stood; never an id. */
const REDACTED = "***";
const MISSING = { kind: "missing" } as const;

const toSource = (written: string, captured: Readonly<Record<CaptureSource, readonly string[]>>): Source => {
  if (Object.hasOwn(FACTS, written)) return { kind: "fact", fact: FACTS[written as keyof typeof FACTS] };
  for (const of of CAPTURE_SOURCES) {
    if (!written.startsWith(`${of}.`)) continue;
    const name = written.slice(of.length + 1);
    if (captured[of].includes(name)) return { kind: "capture", of, name };
    const known =
      captured[of].length === 0 ? `"capture" has no pattern for ${of}` : `known: ${captured[of].join(", ")}`;
    throw new TextTemplateMistake(`{{ ${written} }} names no part of ${of} (${known})`);
  }
  if (/^conf[.[]/.test(written)) {
    const path = parseConfPath(written.slice("conf".length));
    if (path === null) {
      throw new TextTemplateMistake(
        `{{ ${written} }} cannot be read; write conf.key, conf.list[], conf.list[0] or conf["odd key"]`,
      );
    }
    if (path.filter(({ kind }) => kind === "each").length > 1) {
      throw new TextTemplateMistake(`{{ ${written} }} walks a list within a list; one [] is possible`);
    }
    return { kind: "conf", path, name: written };
  }
  throw new TextTemplateMistake(
    `{{ ${written} }} is unknown; there are conf.…, instance, dag_id, run_id, logical_date and parts of the ids`,
  );
};

/** @throws {TextTemplateMistake} */
export const parseTextTemplate = (
  template: string,
  captured: Readonly<Record<CaptureSource, readonly string[]>>,
): TextTemplate => {
  const pieces: Piece[] = [];
  let rest = template;
  while (rest !== "") {
    const open = rest.indexOf("{{");
    if (open === -1) {
      pieces.push(rest);
      break;
    }
    const close = rest.indexOf("}}", open);
    if (close === -1) throw new TextTemplateMistake('has "{{" without "}}"');
    if (open > 0) pieces.push(rest.slice(0, open));
    pieces.push(toSource(rest.slice(open + 2, close).trim(), captured));
    rest = rest.slice(close + 2);
  }
  const lists = new Set(
    pieces.flatMap((piece) => (typeof piece === "object" && piece.kind === "conf" ? (listOf(piece.path) ?? []) : [])),
  );
  if (lists.size > 1) throw new TextTemplateMistake("walks two lists at once");
  return { pieces, list: [...lists][0] ?? null };
};

/** How many texts a template gives for a run: one for each element when it walks a list. */
export const countTexts = ({ pieces, list }: TextTemplate, conf: RunFacts["conf"]): number => {
  if (list === null) return 1;
  const walker = pieces.find(
    (piece) => typeof piece === "object" && piece.kind === "conf" && listOf(piece.path) !== null,
  );
  return typeof walker === "object" && walker.kind === "conf" ? countElements(conf, walker.path) : 0;
};

const kindOf = (value: unknown): string =>
  Array.isArray(value) ? "a list" : typeof value === "object" ? "an object" : `a ${typeof value}`;

/** Strings and numbers only. A number that JSON could not carry exactly would name another object. */
const toText = (value: unknown, name: string): Filled => {
  if (value === undefined || value === null || value === "" || value === REDACTED) return MISSING;
  if (typeof value === "string") return { kind: "text", text: value };
  if (typeof value === "number") {
    const isExact = Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
    return isExact
      ? { kind: "text", text: String(value) }
      : { kind: "problem", problem: `${name} is a number too large to be read exactly; send it as a string` };
  }
  const hint = Array.isArray(value) ? `; write ${name}[] for one subject per element` : "";
  return { kind: "problem", problem: `${name} is ${kindOf(value)}, not a string or number${hint}` };
};

const valueOf = (source: Source, facts: RunFacts, captures: Captures, element: number): Filled => {
  switch (source.kind) {
    case "conf":
      return toText(readConf(facts.conf, source.path, element), source.name);
    case "fact":
      return toText(facts[source.fact], source.fact);
    case "capture":
      return toText(captures[source.of][source.name], source.name);
    default:
      return source satisfies never;
  }
};

/** @param escape Applied to each value, not to what is written in the template. */
export const fillTemplate = (
  { pieces }: TextTemplate,
  { facts, captures, element }: { readonly facts: RunFacts; readonly captures: Captures; readonly element: number },
  escape: (value: string) => string = (value) => value,
): Filled => {
  let text = "";
  for (const piece of pieces) {
    if (typeof piece === "string") {
      text += piece;
      continue;
    }
    const value = valueOf(piece, facts, captures, element);
    if (value.kind !== "text") return value;
    text += escape(value.text);
  }
  return { kind: "text", text };
};
