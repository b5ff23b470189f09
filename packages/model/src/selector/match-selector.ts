import type { EngineKind, Tier } from "../instance/instance-config.ts";
import { matchesGlob } from "../text/glob.ts";
import type { Dag } from "../work/dag.ts";
import type { Selector, SelectorScope, SelectorTerm } from "./selector.ts";
import { SELECTOR_KEYS } from "./selector-keys.ts";

/** What a selector can ask of an instance. */
export interface SelectableInstance {
  readonly id: string;
  readonly engine: EngineKind;
  readonly tier: Tier;
  readonly labels: Readonly<Record<string, string>>;
  /** Null until it has answered; then no `version=` fits it, and every `version!=` does. */
  readonly version: string | null;
}

/** What a selector can ask of a DAG. */
export type SelectableDag = Pick<Dag, "dagId" | "tags" | "owners" | "isPaused" | "isStale" | "hasImportErrors">;

/** The terms that speak of one kind of thing. */
export const termsAbout = ({ terms }: Selector, about: SelectorScope): readonly SelectorTerm[] =>
  terms.filter(({ key }) => SELECTOR_KEYS[key]?.about === about);

/** Whether one of the things a term speaks of fits one of its values. `!=` holds when none does. */
const fits = (
  { operator, values }: Extract<SelectorTerm, { kind: "values" }>,
  given: readonly string[],
  fold: boolean,
): boolean => {
  const folded = (text: string): string => (fold ? text.toLowerCase() : text);
  const found = given.some((one) => values.some((value) => matchesGlob(folded(value), folded(one))));
  return operator === "!=" ? !found : found;
};

const present = (value: string | null | undefined): readonly string[] =>
  value === null || value === undefined ? [] : [value];

const labelOf = ({ labels }: SelectableInstance, name: string | null): string | undefined =>
  name !== null && Object.hasOwn(labels, name) ? labels[name] : undefined;

const instanceFits = (term: SelectorTerm, instance: SelectableInstance): boolean => {
  if (term.kind === "flag") return false;
  switch (term.key) {
    case "instance":
      // Instance ids are unique ignoring case.
      return fits(term, [instance.id], true);
    case "engine":
      return fits(term, [instance.engine], false);
    case "tier":
      return fits(term, [instance.tier], false);
    case "label":
      return fits(term, present(labelOf(instance, term.name)), false);
    case "version":
      return fits(term, present(instance.version), false);
    default:
      return false;
  }
};

const dagFits = (term: SelectorTerm, dag: SelectableDag): boolean => {
  switch (term.key) {
    case "dag":
      return term.kind === "values" && fits(term, [dag.dagId], false);
    case "tag":
      return term.kind === "values" && fits(term, dag.tags, false);
    case "owner":
      return term.kind === "values" && fits(term, dag.owners, false);
    case "paused":
      return term.kind === "flag" && term.wanted === dag.isPaused;
    case "stale":
      return term.kind === "flag" && term.wanted === dag.isStale;
    case "broken":
      return term.kind === "flag" && term.wanted === dag.hasImportErrors;
    default:
      return false;
  }
};

/** Whether all terms about instances hold; true when there are none. */
export const matchesInstance = (selector: Selector, instance: SelectableInstance): boolean =>
  termsAbout(selector, "instances").every((term) => instanceFits(term, instance));

/** Whether all terms about DAGs hold; true when there are none. The DAG's instance is asked apart. */
export const matchesDag = (selector: Selector, dag: SelectableDag): boolean =>
  termsAbout(selector, "dags").every((term) => dagFits(term, dag));

/**
 * The DAG ids that a selector names in full, when nothing but ids is asked of DAGs: such a selector needs no list of
 * DAGs, and reaches those that the fleet no longer has. Undefined otherwise.
 */
export const dagIdsNamed = (selector: Selector): readonly string[] | undefined => {
  let named: readonly string[] | undefined;
  for (const term of termsAbout(selector, "dags")) {
    if (term.kind === "flag" || term.key !== "dag" || term.operator !== "=") return undefined;
    if (term.values.some((value) => value.includes("*"))) return undefined;
    named = named === undefined ? term.values : named.filter((id) => term.values.includes(id));
  }
  return named;
};
