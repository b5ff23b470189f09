import { AirfleetError } from "../errors/airfleet-error.ts";
import { matchesGlob } from "../text/glob.ts";
import { suggest } from "../text/suggest.ts";
import { readTerms, refuseTerm, type WrittenTerm } from "./read-terms.ts";
import { type Selector, SELECTOR_LIMIT, type SelectorScope, type SelectorTerm } from "./selector.ts";
import { appliesTo, SELECTOR_KEYS, type SelectorKey, selectorKeysOf } from "./selector-keys.ts";
import { readMoment, readSpan } from "./time-words.ts";

const COMPARISONS: ReadonlySet<string> = new Set([">", "<", ">=", "<="]);

/** The next step after an unknown word: the one that was meant, or all there are. */
const hintOf = (given: string, known: readonly string[]): string => {
  const meant = suggest(given, known);
  return meant === undefined ? `Known here: ${known.join(", ")}.` : `Did you mean "${meant}"?`;
};

const findKey = (term: WrittenTerm, scope: SelectorScope): SelectorKey => {
  const known = selectorKeysOf(scope);
  const key = Object.hasOwn(SELECTOR_KEYS, term.key) ? SELECTOR_KEYS[term.key] : undefined;
  if (key === undefined) {
    return refuseTerm(term, `there is no key "${term.key}"`, hintOf(term.key, known));
  }
  if (!appliesTo(key, scope)) {
    const reason = `"${term.key}" says something about ${key.about}, and ${scope} are picked here`;
    return refuseTerm(term, reason, `Keys here: ${known.join(", ")}.`);
  }
  return key;
};

const toFlag = (term: WrittenTerm): SelectorTerm => {
  if (term.operator !== null || term.name !== null) {
    return refuseTerm(term, `"${term.key}" takes no value`, `Write ${term.key} or !${term.key}.`);
  }
  return { kind: "flag", key: term.key, wanted: !term.negated };
};

const checkForm = (term: WrittenTerm, key: SelectorKey): void => {
  const { name, operator, values } = term;
  const written = key.named === true ? `${term.key}.<name>` : term.key;
  if (operator === null) refuseTerm(term, `"${term.key}" needs a value`, `Write ${written}=value.`);
  if (term.negated) refuseTerm(term, "only flags are turned round by !", `Write ${written}!=value.`);
  if (key.named === true && name === null) refuseTerm(term, "a name is missing", `Write ${written}=value.`);
  if (key.named !== true && name !== null) refuseTerm(term, `"${term.key}" takes no name`, `Write ${written}=value.`);
  const compares = COMPARISONS.has(operator ?? "");
  const isOrdered = key.kind === "moment" || key.kind === "span";
  if (compares && !isOrdered) refuseTerm(term, `"${term.key}" has no order`, `Write ${written}=value.`);
  if (!compares && isOrdered && key.single !== true) {
    const example = key.kind === "span" ? "duration>10m" : `${term.key}>=7d or ${term.key}<2026-11-20T00:00:00Z`;
    refuseTerm(term, `"${term.key}" is compared`, `Write ${example}.`);
  }
  if (key.single === true && operator !== "=")
    refuseTerm(term, `"${term.key}" knows = only`, `Write ${written}=value.`);
  if ((key.single === true || compares) && values.length > 1) {
    refuseTerm(term, `"${term.key}" takes one value`, "Leave one of them.");
  }
};

const checkValue = (term: WrittenTerm, key: SelectorKey, value: WrittenTerm["values"][number]): void => {
  switch (key.kind) {
    case "word": {
      const words = key.words ?? [];
      if (words.some((word) => matchesGlob(value.text, word))) return;
      refuseTerm(term, `"${value.text}" is no ${term.key}`, hintOf(value.text, words));
      return;
    }
    case "text":
      if (value.text === "") refuseTerm(term, "the value is empty", "Leave the term out, or write the text.");
      if (!value.quoted && value.text.includes("*")) {
        refuseTerm(
          term,
          `"${term.key}" is looked up as it is, without *`,
          'Write the whole text, in "…" if it has a star.',
        );
      }
      if (term.key === "subject" && !/^[^/]+\/./.test(value.text)) {
        refuseTerm(term, "a subject is its type, a slash and its id", "Write subject=finding-aid/123.");
      }
      return;
    case "moment":
      if (readMoment(value.text, 0) === undefined) {
        refuseTerm(
          term,
          `"${value.text}" is no time`,
          "Write 2026-11-20T03:00:00Z, with its zone, or how long ago: 7d.",
        );
      }
      return;
    case "span":
      if (readSpan(value.text) === undefined) {
        refuseTerm(term, `"${value.text}" is no length of time`, "Write 90s, 10m, 1h30m, 7d or 2w.");
      }
      return;
    case "glob":
    case "flag":
      return;
    default:
      key.kind satisfies never;
  }
};

const toTerm = (term: WrittenTerm, scope: SelectorScope): SelectorTerm => {
  const key = findKey(term, scope);
  if (key.kind === "flag") return toFlag(term);
  checkForm(term, key);
  for (const value of term.values) checkValue(term, key, value);
  const values = term.values.map(({ text }) => text);
  return { kind: "values", key: term.key, name: term.name, operator: term.operator ?? "=", values };
};

/** What two terms say against each other, or what no list can answer in one go. */
const checkTogether = (written: readonly WrittenTerm[]): void => {
  const seen = new Set<string>();
  for (const term of written) {
    const place = JSON.stringify([term.key, term.name]);
    const isSingle = SELECTOR_KEYS[term.key]?.single === true;
    if (isSingle && seen.has(place)) refuseTerm(term, `"${term.key}" stands here twice`, "Leave one of them.");
    seen.add(place);
    if (term.key === "later_success" && !term.negated) {
      refuseTerm(term, "only its opposite is kept", "Write !later_success: failed, and no success since.");
    }
  }
};

/**
 * Reads a selector of instances, of DAGs or of runs. What cannot mean anything there is refused, never ignored: a
 * selector that picks more than was meant would be acted on.
 *
 * @throws {AirfleetError} SELECTOR_INVALID with `position` (from 1), `term`, `reason` and `hint`
 */
export const parseSelector = (text: string, scope: SelectorScope): Selector => {
  if (text.length > SELECTOR_LIMIT) {
    throw new AirfleetError("SELECTOR_INVALID", {
      position: SELECTOR_LIMIT + 1,
      term: "…",
      reason: `it is longer than ${SELECTOR_LIMIT} characters`,
      hint: "Use a * or a tag instead of naming each one.",
    });
  }
  const written = readTerms(text);
  if (written.length === 0) {
    refuseTerm(
      { position: 1, text: "" },
      "it is empty, and would pick everything",
      "Write instance=* if you mean all.",
    );
  }
  const terms = written.map((term) => toTerm(term, scope));
  checkTogether(written);
  return { scope, terms };
};
