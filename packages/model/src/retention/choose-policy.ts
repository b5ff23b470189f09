import { matchesGlob } from "../text/glob.ts";
import type { NamedPolicy, RetentionScope } from "./retention-policy.ts";

/** One place where a policy is looked for: a subject's run, or a run without subjects (type null). */
export interface PolicyPlace {
  readonly subjectType: string | null;
  readonly dagId: string;
  readonly instance: string;
}

/** How exactly a list of globs names a text: 0 not at all, 1 by a pattern or without a word, 2 by its name. Null: it does not. */
const exactness = (globs: readonly string[] | undefined, text: string): number | null => {
  if (globs === undefined) return 0;
  if (globs.includes(text)) return 2;
  return globs.some((glob) => matchesGlob(glob, text)) ? 1 : null;
};

/** How exactly a scope names a place, most important first; null when it does not cover it. */
const rank = (scope: RetentionScope, { subjectType, dagId, instance }: PolicyPlace): readonly number[] | null => {
  const type = exactness(scope.subject_types, subjectType ?? "");
  const dag = exactness(scope.dags, dagId);
  const place = exactness(
    scope.instances?.map((glob) => glob.toLowerCase()),
    instance.toLowerCase(),
  );
  return type === null || dag === null || place === null ? null : [type, dag, place];
};

const isMoreExact = (left: readonly number[], right: readonly number[]): boolean => {
  const at = left.findIndex((value, index) => value !== right[index]);
  return at !== -1 && (left[at] ?? 0) > (right[at] ?? 0);
};

/**
 * The one policy that holds for a place. A policy that names the subject's type goes before one that does not; then one
 * that names the DAG by its id before a pattern before none; then the same for the instance; then the first by id.
 * Disabled policies do not count. Undefined: everything is kept.
 */
export const choosePolicy = (policies: readonly NamedPolicy[], place: PolicyPlace): NamedPolicy | undefined => {
  let best: { readonly named: NamedPolicy; readonly exact: readonly number[] } | undefined;
  for (const named of policies) {
    if (!named.policy.enabled) continue;
    const exact = rank(named.policy.scope, place);
    if (exact === null) continue;
    const isBetter =
      best === undefined ||
      isMoreExact(exact, best.exact) ||
      (!isMoreExact(best.exact, exact) && named.id < best.named.id);
    if (isBetter) best = { named, exact };
  }
  return best?.named;
};
