import type { RunRecord } from "@airfleet/model";
import { toStorableText } from "../text/storable-text.ts";

/** A conf is made by people: what can be looked up of it is bounded, so that a huge one costs no more than others. */
const TERMS_PER_RUN = 20;
const LONGEST_NAME = 100;
const LONGEST_VALUE = 200;

/** A top-level conf key with its value as text. */
export interface ConfTerm {
  readonly name: string;
  readonly value: string;
}

/** How a plain value is looked up: text as it is, numbers, flags and null as in JSON. */
const valueText = (value: unknown): string | null => {
  if (typeof value === "string") return toStorableText(value);
  return value === null || typeof value === "number" || typeof value === "boolean" ? JSON.stringify(value) : null;
};

/** What a run can be found by; lists and objects, long keys and long values are left out. */
export const confTerms = ({ read, heard }: RunRecord): readonly ConfTerm[] => {
  const conf = read?.run.conf ?? heard?.conf ?? {};
  const terms: ConfTerm[] = [];
  for (const [name, value] of Object.entries(conf)) {
    if (terms.length === TERMS_PER_RUN) break;
    const text = valueText(value);
    if (text === null || text.length > LONGEST_VALUE || name.length > LONGEST_NAME) continue;
    terms.push({ name: toStorableText(name), value: text });
  }
  return terms;
};

/** Whether two records are found by the same. */
export const isSameTerms = (left: readonly ConfTerm[], right: readonly ConfTerm[]): boolean =>
  JSON.stringify(left) === JSON.stringify(right);
