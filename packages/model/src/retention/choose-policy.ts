import { matchesGlob } from "../text/glob.ts";
import type { NamedPolicy, RetentionScope } from "./retention-policy.ts";

/** One place where a policy is looked for: a subject's run, or a run without subjects (type null). */
export interface PolicyPlace {
  readonly subjectType: string | null;
  readonly dagId: string;
  readonly instance: string;
}

/** How exactly something is named: by its name, by a pattern, or not at all. */
const exactness = (glob: string | undefined): number => (glob === undefined ? 0 : glob.includes("*") ? 1 : 2);

const rank = ({ subject_type, dag, instance }: RetentionScope): number =>
  (subject_type === undefined ? 0 : 9) + exactness(dag) * 3 + exactness(instance);

/**
 * The policies that are enabled, in order of precedence: one that names the subject's type goes before one that does
 * not; then one that names the DAG by its id before a pattern before none; then the same for the instance; then by id.
 */
export const orderPolicies = (policies: readonly NamedPolicy[]): readonly NamedPolicy[] =>
  policies
    .filter(({ policy }) => policy.enabled)
    .sort(
      (left, right) =>
        rank(right.policy.scope) - rank(left.policy.scope) || (left.id < right.id ? -1 : left.id > right.id ? 1 : 0),
    );

const covers = ({ subject_type, dag, instance }: RetentionScope, place: PolicyPlace): boolean =>
  (subject_type === undefined || subject_type === place.subjectType) &&
  (dag === undefined || matchesGlob(dag, place.dagId)) &&
  (instance === undefined || matchesGlob(instance.toLowerCase(), place.instance.toLowerCase()));

/**
 * The one policy that holds for a place. Undefined: everything is kept.
 *
 * @param ordered As {@link orderPolicies} puts them.
 */
export const choosePolicy = (ordered: readonly NamedPolicy[], place: PolicyPlace): NamedPolicy | undefined =>
  ordered.find(({ policy }) => covers(policy.scope, place));
