import type { DeploymentState, InstanceId } from "@airfleet/model";
import type { Actor } from "../actor.ts";

/** What executing wants to know of a pipeline. */
export interface ExecutablePipeline {
  readonly id: string;
  readonly name: string;
  readonly revision: number;
  readonly dagId: string;
  readonly defaultParams: Readonly<Record<string, unknown>>;
  readonly environments: Readonly<Record<string, readonly InstanceId[]>>;
}

/** A node of a pipeline by the id of its task. */
export interface ExecutableStep {
  readonly step: string;
  readonly node: string;
  readonly label: string | null;
}

/** The pipelines, as executing sees them. */
export interface ExecutablePipelines {
  /** @throws PIPELINE_UNKNOWN, PIPELINE_INVALID with the findings */
  sound(id: string, actor: Actor): Promise<ExecutablePipeline>;
  /** The nodes of a revision, newest when null; none when it is not known. */
  steps(id: string, revision: number | null): Promise<readonly ExecutableStep[]>;
  /** Makes its own schedule this; null takes it away. @throws PIPELINE_UNKNOWN, PIPELINE_INVALID */
  setSchedule(
    id: string,
    schedule: { readonly cron: string; readonly timeZone: string; readonly isActive: boolean } | null,
    actor: Actor,
  ): Promise<void>;
}

/** How far the newest version of a pipeline has come on an instance. */
export interface EnsuredVersion {
  readonly state: DeploymentState;
  readonly revision: number;
  /** Of the artifact. */
  readonly hash: string;
  /** Why it does not get any further by itself. */
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** The deployments, as executing sees them. */
export interface ExecutableDeployments {
  /** Instances that a pipeline can be brought to; the embedded engine among them. */
  places(): readonly { readonly id: InstanceId; readonly isEmbedded: boolean }[];
  /**
   * Sees to it that the newest version is on its way to the instance, and says how far it is; does not wait.
   *
   * @throws PIPELINE_UNKNOWN, PIPELINE_INVALID, DEPLOY_TARGET_MISSING
   */
  ensureLive(request: {
    readonly pipeline: string;
    readonly instance: InstanceId;
    readonly actor: Actor;
    /** A deployment that failed before this is tried anew, epoch milliseconds. */
    readonly since: number;
  }): Promise<EnsuredVersion>;
  /** The same without doing anything; undefined when it was never brought there. */
  present(pipeline: string, instance: InstanceId): Promise<EnsuredVersion | undefined>;
}
