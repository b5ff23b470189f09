import type { PipelineContent, PipelineStatus } from "@airfleet/model";
import type { DocumentAuthor } from "../documents/document-repository.ts";
import type { StorePage } from "../paging/cursor.ts";

/** A pipeline as it is now. Times are epoch milliseconds. */
export interface StoredPipeline extends PipelineContent {
  /** UUID. */
  readonly id: string;
  /** Rises by one with every change; the ETag of the API. */
  readonly revision: number;
  /** Of the plan that this revision compiled to when it was written; null when it did not compile. */
  readonly planHash: string | null;
  /**
   * When it was first scheduled; kept for ever, so that engines compute the same intervals whatever is changed later.
   * Null until then.
   */
  readonly firstScheduledAt: number | null;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** When it was removed; it stays until its deployments are gone. */
  readonly removedAt: number | null;
}

/** A pipeline without what is drawn: what lists show. */
export type PipelineSummary = Omit<StoredPipeline, "config"> & { readonly nodes: number };

/** What a pipeline was at one revision, and who made it so. */
export interface StoredPipelineVersion {
  readonly pipeline: string;
  readonly revision: number;
  readonly content: PipelineContent;
  readonly planHash: string | null;
  readonly author: string;
  readonly note: string | null;
  readonly createdAt: number;
}

export interface NewPipeline {
  readonly id: string;
  readonly content: PipelineContent;
  readonly planHash: string | null;
  readonly uses?: PipelineUses;
  readonly note?: string | null;
  /** When, as the plan was compiled with; default: now. */
  readonly at?: number;
}

/** What pipelines are found by besides their own columns. */
export type PipelineTermKind = "tag" | "module" | "connection";

/** What a pipeline's nodes name. */
export interface PipelineUses {
  readonly modules: readonly string[];
  readonly connections: readonly string[];
}

/** What a change makes of a pipeline. */
export interface PipelineChange {
  readonly content: PipelineContent;
  readonly planHash: string | null;
  readonly uses?: PipelineUses;
  /** When, as the plan was compiled with; default: now. */
  readonly at?: number;
}

/** Those that meet every condition given. */
export interface PipelineFilter {
  /** Part of the name, the description or a tag, ignoring case. */
  readonly text?: string;
  /** With each of these. */
  readonly tags?: readonly string[];
  /** With a node of each of these. */
  readonly modules?: readonly string[];
  readonly connections?: readonly string[];
  readonly statuses?: readonly PipelineStatus[];
  readonly owner?: string;
  readonly tenant?: string;
}

export interface PipelineQuery extends PipelineFilter {
  readonly limit: number;
  /** `next` of the page before. */
  readonly after?: string;
  /** Instead of `after`: so many are left out, for clients that count pages. */
  readonly offset?: number;
}

/** Pipelines and every version of them. Each change is audited and told in its own transaction. */
export interface PipelineRepository {
  /** @throws {AirfleetError} PIPELINE_EXISTS */
  create(pipeline: NewPipeline, author: DocumentAuthor): Promise<StoredPipeline>;
  /** Without those that were removed. */
  find(id: string): Promise<StoredPipeline | undefined>;
  /** Newest first. */
  list(query: PipelineQuery): Promise<StorePage<PipelineSummary>>;
  /** How many there are, counted up to `most`. */
  count(filter: PipelineFilter, most: number): Promise<number>;
  /** How many pipelines name each. */
  usage(kind: PipelineTermKind): Promise<ReadonlyMap<string, number>>;
  /**
   * Changes a pipeline as a whole: `edit` is given what it is now and says what it is to be, while nobody else can change
   * it. What comes out equal is not written, and keeps its revision.
   *
   * @param request.revision that the caller has read; absent, the change is made to whatever is there
   * @throws {AirfleetError} PIPELINE_UNKNOWN, VERSION_CONFLICT, and whatever `edit` throws
   */
  change(
    request: { readonly id: string; readonly revision?: number | undefined; readonly note?: string | null },
    edit: (present: StoredPipeline) => PipelineChange,
    author: DocumentAuthor,
  ): Promise<StoredPipeline>;
  /**
   * Puts it out of sight; its rows stay until {@link PipelineRepository.purge}.
   *
   * @throws {AirfleetError} PIPELINE_UNKNOWN, VERSION_CONFLICT
   */
  remove(
    request: { readonly id: string; readonly revision?: number | undefined },
    author: DocumentAuthor,
  ): Promise<StoredPipeline>;
  /** Those that were removed and not purged yet, oldest first. */
  removed(limit: number): Promise<readonly StoredPipeline[]>;
  /** Forgets a removed pipeline with its versions, once nothing of it is deployed. @returns Whether there was one. */
  purge(id: string): Promise<boolean>;
  /** Newest first, without what is drawn in them. */
  versions(
    id: string,
    page: { readonly limit: number; readonly after?: string },
  ): Promise<StorePage<Omit<StoredPipelineVersion, "content"> & { readonly name: string }>>;
  version(id: string, revision: number): Promise<StoredPipelineVersion | undefined>;
}
