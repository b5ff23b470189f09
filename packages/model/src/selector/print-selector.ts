import type { Selector, SelectorTerm } from "./selector.ts";
import { SELECTOR_KEYS } from "./selector-keys.ts";

const quote = (text: string): string => `"${text.replace(/["\\]/g, "\\$&")}"`;
const printName = (name: string): string => (/^[^\s,"=!<>]+$/.test(name) ? name : quote(name));
const printValue = (value: string, isText: boolean): string =>
  /^[^\s,"]+$/.test(value) && !(isText && value.includes("*")) ? value : quote(value);

const printTerm = (term: SelectorTerm): string => {
  if (term.kind === "flag") return `${term.wanted ? "" : "!"}${term.key}`;
  const isText = SELECTOR_KEYS[term.key]?.kind === "text";
  const key = term.name === null ? term.key : `${term.key}.${printName(term.name)}`;
  return `${key}${term.operator}${term.values.map((value) => printValue(value, isText)).join(",")}`;
};

/** The text that {@link parseSelector} reads as this selector. */
export const printSelector = ({ terms }: Selector): string => terms.map(printTerm).join(" ");
