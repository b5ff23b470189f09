import type { RunKey, RunState, SubjectRef, TriggerId } from "@airfleet/model";
import type { StorePage } from "../paging/cursor.ts";
import type { StoredRun } from "../runs/run-repository.ts";

/** Where a subject stands, from its runs: an active run, else how its newest finished run ended. */
export const SUBJECT_STATES = [
  "none",
  "pending",
  "queued",
  "running",
  "success",
  "failed",
  "cancelled",
  "lost",
] as const;
export type SubjectState = (typeof SUBJECT_STATES)[number];

/** A run as a subject's page shows it. Times are epoch milliseconds. */
export interface SubjectRun {
  readonly key: RunKey;
  readonly instance: string;
  readonly dagId: string;
  readonly runId: string;
  readonly state: RunState;
  readonly dueAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
}

/** A subject with what its page says first. */
export interface StoredSubject {
  readonly type: string;
  readonly id: string;
  readonly label: string | null;
  readonly url: string | null;
  readonly state: SubjectState;
  readonly lastSuccess: SubjectRun | null;
  readonly currentRun: SubjectRun | null;
  readonly lastFailure: SubjectRun | null;
  readonly newestRun: SubjectRun | null;
  /** Triggers that have not yet become a run. */
  readonly pendingTriggers: readonly TriggerId[];
  readonly counts: {
    readonly total: number;
    readonly success: number;
    readonly failed: number;
    readonly active: number;
  };
  readonly firstSeenAt: number;
  readonly changedAt: number;
}

export interface SubjectQuery {
  readonly type?: string;
  readonly states?: readonly SubjectState[];
  /** Part of id or label, ignoring case. */
  readonly text?: string;
  /** Only those whose last success ended before this, or that never had one. Epoch milliseconds. */
  readonly noSuccessSince?: number;
  /** Only subjects with a run on one of these. What is said of them then counts these instances only. */
  readonly instances?: readonly string[];
  readonly limit: number;
  readonly after?: string;
}

export interface SubjectRepository {
  /** @param instances As for {@link SubjectQuery}. */
  find(ref: Pick<SubjectRef, "type" | "id">, instances?: readonly string[]): Promise<StoredSubject | undefined>;
  /** The same for many, in their order; all instances' together cost as few queries as one. */
  findMany(
    refs: readonly Pick<SubjectRef, "type" | "id">[],
    instances?: readonly string[],
  ): Promise<readonly (StoredSubject | undefined)[]>;
  /** In order of type and id; those gone longest without success first when `noSuccessSince` is given. */
  list(query: SubjectQuery): Promise<StorePage<StoredSubject>>;
  /** Newest due first. */
  runs(
    ref: Pick<SubjectRef, "type" | "id">,
    query: {
      readonly limit: number;
      readonly after?: string;
      readonly states?: readonly RunState[];
      readonly instances?: readonly string[];
    },
  ): Promise<StorePage<StoredRun>>;
  /** Each type with its number of subjects, counted up to 10,000. */
  types(): Promise<readonly { readonly type: string; readonly subjects: number }[]>;
  /** Creates it, or changes what is given; `null` takes away. */
  describe(ref: SubjectRef): Promise<StoredSubject>;
  /** Forgets the subject and its links; its runs stay. */
  remove(ref: Pick<SubjectRef, "type" | "id">): Promise<boolean>;
}
