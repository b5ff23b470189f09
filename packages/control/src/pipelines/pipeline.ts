import type { Plan, PipelineContent, PipelineDifference, PipelineFinding } from "@airfleet/model";
import type {
  PipelineFilter,
  PipelineQuery,
  PipelineSummary,
  StorePage,
  StoredPipeline,
  StoredPipelineVersion,
} from "@airfleet/store";
import type { InstanceId } from "@airfleet/model";
import type { Actor } from "../actor.ts";
import type { PipelineValidation } from "./pipeline-validation.ts";

/** What a pipeline can be compiled to. */
export const COMPILE_TARGETS = ["plan", "airflow", "embedded"] as const;
export type CompileTarget = (typeof COMPILE_TARGETS)[number];

/** A pipeline that may run: its plan, with the revision that it is of. */
export interface ReadyPipeline {
  readonly pipeline: StoredPipeline;
  readonly plan: Plan;
  readonly planHash: string;
  readonly warnings: readonly PipelineFinding[];
}

/** What compiling for an engine came to. */
export interface CompiledArtifact {
  readonly target: CompileTarget;
  readonly pipeline: string;
  readonly revision: number;
  readonly planHash: string;
  readonly plan: Plan;
  /** The file for the engine, or the plan as text. */
  readonly name: string;
  readonly text: string;
  /** Of everything that the artifact does. */
  readonly hash: string;
  /** What the engine does in another way than the pipeline says, or not at all. */
  readonly report: readonly PipelineFinding[];
}

/** What changed from one version to another. */
export interface ComparedVersions extends PipelineDifference {
  /** Whether engines will do anything else. */
  readonly planChanged: boolean;
}

/** How a change is made. */
export interface ChangeOptions {
  /** The revision that the caller has read; absent, the change is made to whatever is there. */
  readonly revision?: number | undefined;
  readonly note?: string | null | undefined;
}

/** What of a pipeline is given anew; the rest stays. */
export type PipelinePatch = { readonly [Field in keyof PipelineContent]?: PipelineContent[Field] | undefined };

/** A new pipeline: a name, and whatever else is known. */
export type PipelineDraft = PipelinePatch & Pick<PipelineContent, "name">;

/** Pipelines: drawn, checked, compiled, and every version kept. */
export interface PipelineUseCases {
  /** Newest first; nothing is compiled. */
  list(query: PipelineQuery): Promise<StorePage<PipelineSummary>>;
  /** Counts up to `most`. */
  count(filter: PipelineFilter, most: number): Promise<number>;
  find(id: string): Promise<StoredPipeline | undefined>;
  /** @throws PIPELINE_UNKNOWN */
  get(id: string): Promise<StoredPipeline>;
  /**
   * A draft may be wrong; what is said here is refused only when it cannot be kept.
   *
   * @param options.id UUID; default: a new one
   * @throws PIPELINE_EXISTS, REQUEST_INVALID
   */
  create(
    actor: Actor,
    draft: PipelineDraft,
    options?: { readonly id?: string | undefined; readonly note?: string | null | undefined },
  ): Promise<StoredPipeline>;
  /**
   * Creates a pipeline from a file. Its id is kept where no pipeline has it.
   *
   * @param options.onConflict where one has: `copy` takes a new id, `replace` makes a revision of that one
   * @throws PIPELINE_EXISTS with `fail`, REQUEST_INVALID
   */
  import(
    actor: Actor,
    draft: PipelineDraft,
    options: { readonly id?: string | undefined; readonly onConflict: "copy" | "replace" | "fail" },
  ): Promise<StoredPipeline>;
  /** @throws PIPELINE_UNKNOWN, VERSION_CONFLICT, REQUEST_INVALID */
  update(actor: Actor, id: string, patch: PipelinePatch, options?: ChangeOptions): Promise<StoredPipeline>;
  /** Out of sight at once; forgotten once nothing of it is deployed. @throws PIPELINE_UNKNOWN, VERSION_CONFLICT */
  remove(actor: Actor, id: string, options?: Pick<ChangeOptions, "revision">): Promise<void>;
  /** A copy under another id: a draft, in no environment and without schedule of its own. @throws PIPELINE_UNKNOWN */
  duplicate(actor: Actor, id: string, name: string | undefined): Promise<StoredPipeline>;

  /** Everything that is wrong with it, and with the connections it needs where it is to run. @throws PIPELINE_UNKNOWN */
  validate(id: string, instances?: readonly InstanceId[]): Promise<PipelineValidation>;
  /** The same for something that is not stored. */
  validateDraft(draft: PipelineDraft): Promise<PipelineValidation>;
  /**
   * A pipeline that may run. For whoever deploys or executes it.
   *
   * @param options.instances where it is to run; default: those of its environments
   * @param options.schedule in place of its own
   * @throws PIPELINE_UNKNOWN, PIPELINE_INVALID with every error found
   */
  ready(
    id: string,
    options?: { readonly instances?: readonly InstanceId[]; readonly schedule?: Plan["schedule"] },
  ): Promise<ReadyPipeline>;
  /** @throws PIPELINE_UNKNOWN, PIPELINE_INVALID, PIPELINE_VERSION_UNKNOWN */
  compile(id: string, target: CompileTarget, revision?: number): Promise<CompiledArtifact>;

  /** Newest first. @throws PIPELINE_UNKNOWN */
  versions(
    id: string,
    page: { readonly limit: number; readonly after?: string },
  ): Promise<StorePage<Omit<StoredPipelineVersion, "content"> & { readonly name: string }>>;
  /** @throws PIPELINE_UNKNOWN, PIPELINE_VERSION_UNKNOWN */
  version(id: string, revision: number): Promise<StoredPipelineVersion>;
  /** @throws PIPELINE_UNKNOWN, PIPELINE_VERSION_UNKNOWN */
  diff(id: string, from: number, to: number): Promise<ComparedVersions>;
  /** Makes a new revision of an old one. @throws PIPELINE_UNKNOWN, PIPELINE_VERSION_UNKNOWN, VERSION_CONFLICT */
  restore(actor: Actor, id: string, revision: number, options?: ChangeOptions): Promise<StoredPipeline>;

  /** Whatever is removed is told to it, before it is forgotten. */
  onRemoval(removal: PipelineRemoval): void;
}

/** Takes away what is left of a removed pipeline on engines. @returns Whether nothing of it is left now. */
export type PipelineRemoval = (actor: Actor, pipeline: StoredPipeline) => Promise<boolean>;
