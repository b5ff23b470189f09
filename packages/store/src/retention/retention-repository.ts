import type { RemovalTerms } from "../runs/remove-runs.ts";
import type { RetentionRule, RunKey, RunState, SubjectRef } from "@airfleet/model";

/** One policy. A glob that is absent matches everything; see `matchesGlob`. */
export interface RetentionPolicyFacts {
  readonly id: string;
  /** Only runs of subjects of this type. Absent: of all types, and runs without subjects. */
  readonly subjectType?: string;
  readonly dag?: string;
  /** Ignoring case. */
  readonly instance?: string;
  readonly rule: RetentionRule;
}

/** Why a run would go: each party that once needed it, and the policy by which it does so no more. */
export interface RetentionReason {
  readonly policy: string;
  /** Null where the DAG itself is judged, because the run has no subjects. */
  readonly subject: Pick<SubjectRef, "type" | "id"> | null;
}

/** A run that nobody needs. */
export interface RetentionCandidate {
  readonly key: RunKey;
  readonly instance: string;
  readonly dagId: string;
  readonly runId: string;
  readonly state: RunState;
  readonly dueAt: number;
  /** The first of them; a bulk run has as many as it has subjects. */
  readonly reasons: readonly RetentionReason[];
  readonly reasonsTotal: number;
}

/** By what runs are judged. */
export interface RetentionTerms {
  /**
   * In order of precedence: for a run and one of its subjects (or for its DAG) the first policy that matches decides;
   * when none does, the run is kept.
   */
  readonly policies: readonly RetentionPolicyFacts[];
  /** Epoch milliseconds, for `failures_days`. */
  readonly now: number;
}

export interface RetentionQuery extends RetentionTerms {
  /** Only runs on these instances. */
  readonly instances?: readonly string[];
  /** Runs looked at, at most: bounds the work of one call. */
  readonly batch: number;
  /** `next` of the call before. */
  readonly after?: string;
}

export interface RetentionPage {
  readonly items: readonly RetentionCandidate[];
  readonly looked: number;
  /** Null when every run was looked at. A page may hold nothing and still go on. */
  readonly next: string | null;
}

/** Finds runs that retention lets go, and drops them. */
export interface RetentionRepository {
  /** Oldest due first. A run goes only when no subject of it needs it; one without subjects is judged with its DAG. */
  candidates(query: RetentionQuery): Promise<RetentionPage>;
  /**
   * Drops those of these runs that still nobody needs: they are judged again in the transaction that drops them, with
   * all that the verdict rests on held fast, since they may have been cleared, or a newer success lost, in between.
   * @returns Those that were dropped.
   */
  remove(
    keys: readonly RunKey[],
    terms: RetentionTerms,
    note: Pick<RemovalTerms, "reason" | "auditOf">,
  ): Promise<readonly RunKey[]>;
}
