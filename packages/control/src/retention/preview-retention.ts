import type { RetentionCandidate, RetentionPolicyFacts, Store } from "@airfleet/store";

/** What would go, and why. */
export interface RetentionPreview {
  readonly lookedAt: number;
  /** Not all stored runs were looked at. */
  readonly isPartial: boolean;
  readonly wouldGo: number;
  /** A run that several policies let go counts for each. */
  readonly byPolicy: Readonly<Record<string, number>>;
  readonly samples: readonly RetentionCandidate[];
}

const BATCH = 1_000;
/** A request must be answered; what was not looked at by then is said. */
const TIME_MS = 8_000;

/** The policies by which a run goes, each once. */
export const policiesOf = ({ reasons }: Pick<RetentionCandidate, "reasons">): readonly string[] => [
  ...new Set(reasons.map(({ policy }) => policy)),
];

/** Looks at stored runs, oldest due first, and changes nothing. */
export const previewRetention = async (
  { store, now }: { readonly store: Pick<Store, "retention">; readonly now: () => number },
  policies: readonly RetentionPolicyFacts[],
  request: { readonly instances?: readonly string[]; readonly maxRuns: number; readonly samples: number },
): Promise<RetentionPreview> => {
  const begun = now();
  const samples: RetentionCandidate[] = [];
  const byPolicy = new Map<string, number>();
  let [lookedAt, wouldGo] = [0, 0];
  let after: string | null = null;
  let isPartial = false;
  if (policies.length === 0) return { lookedAt, isPartial, wouldGo, byPolicy: {}, samples };
  do {
    const page = await store.retention.candidates({
      policies,
      now: begun,
      batch: Math.min(BATCH, request.maxRuns - lookedAt),
      ...(request.instances !== undefined && { instances: request.instances }),
      ...(after !== null && { after }),
    });
    lookedAt += page.looked;
    wouldGo += page.items.length;
    samples.push(...page.items.slice(0, request.samples - samples.length));
    for (const policy of page.items.flatMap(policiesOf)) byPolicy.set(policy, (byPolicy.get(policy) ?? 0) + 1);
    after = page.next;
    isPartial = after !== null && (lookedAt >= request.maxRuns || now() - begun >= TIME_MS);
  } while (after !== null && !isPartial);
  return { lookedAt, isPartial, wouldGo, byPolicy: Object.fromEntries(byPolicy), samples };
};
