import { type NamedPolicy, orderPolicies, RetentionPolicy } from "@airfleet/model";
import type { RetentionPolicyFacts, StoredDocument } from "@airfleet/store";

/** A stored policy; undefined for one that another version wrote and that does not fit here: then it lets nothing go. */
export const toNamedPolicy = ({ id, body }: Pick<StoredDocument, "id" | "body">): NamedPolicy | undefined => {
  const parsed = RetentionPolicy.safeParse(body);
  return parsed.success ? { id, policy: parsed.data } : undefined;
};

/** The policies that are enabled, as the store asks for them: the first that matches decides. */
export const toPolicyFacts = (policies: readonly NamedPolicy[]): readonly RetentionPolicyFacts[] =>
  orderPolicies(policies).map(({ id, policy: { scope, rule } }) => ({
    id,
    rule,
    ...(scope.subject_type !== undefined && { subjectType: scope.subject_type }),
    ...(scope.dag !== undefined && { dag: scope.dag }),
    ...(scope.instance !== undefined && { instance: scope.instance }),
  }));
