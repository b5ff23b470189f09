import type { DagId, DeploymentState, InstanceId } from "@airfleet/model";
import type { PipelineDifference } from "@airfleet/model";
import type { DeploymentOrigin, DeploymentQuery, StoredDeployment, StorePage } from "@airfleet/store";
import type { Actor } from "../actor.ts";

/** How long an instance takes to notice a file, and how we know. */
export interface ScanEstimate {
  readonly seconds: number;
  /** As configured; as the last deployments there took; as its software is shipped; asked to look at once. */
  readonly source: "configured" | "learned" | "shipped" | "nudged";
  /** `this Airflow scans every 300 s`. */
  readonly text: string;
}

/** A deployment with what can be said of the wait. */
export interface Deployment extends StoredDeployment {
  readonly scan: ScanEstimate | null;
  /** When it is expected to be live; null when it is, or never will be. */
  readonly expectedAt: number | null;
}

/** Where a pipeline shall be brought. */
export interface DeployRequest {
  readonly pipeline: string;
  /** Either these, or those of an environment of the pipeline. */
  readonly instances?: readonly InstanceId[];
  readonly environment?: string;
  readonly origin?: DeploymentOrigin;
  readonly dryRun?: boolean;
  /** For production: the instance's id, or `"N production"`. */
  readonly confirm?: string;
}

/** What deploying to one instance does, or would do. */
export interface DeployItem {
  readonly instance: InstanceId;
  readonly dagId: DagId;
  readonly revision: number;
  readonly artifactHash: string;
  /** What is there now; null when nothing is. */
  readonly presentHash: string | null;
  readonly target: string;
  /** Null in a dry run. */
  readonly deployment: Deployment | null;
}

/** What promoting would do, and what stands in its way. */
export interface Promotion {
  readonly from: InstanceId;
  readonly to: InstanceId;
  readonly revision: number;
  /** Of what is on the target now, as a change to what is promoted; null when nothing is there. */
  readonly difference: PipelineDifference | null;
  /** Names that the pipeline uses and the target lacks. */
  readonly missing: readonly { readonly kind: "connection" | "pool" | "variable"; readonly name: string }[];
  /** Kinds of names that could not be read there. */
  readonly unread: readonly string[];
  readonly deployment: Deployment | null;
}

/** Bringing pipelines to instances, and seeing that they are live. */
export interface DeploymentUseCases {
  /**
   * Compiles the pipeline as it is now, keeps the artifact, and records that it shall be on these instances: all or none.
   *
   * @throws PIPELINE_UNKNOWN, PIPELINE_INVALID with every finding, DEPLOY_TARGET_MISSING, INSTANCE_UNKNOWN,
   *   INSTANCE_DISABLED, CONFIRMATION_NEEDED, REQUEST_INVALID
   */
  deploy(actor: Actor, request: DeployRequest): Promise<readonly DeployItem[]>;
  list(query: DeploymentQuery): Promise<StorePage<Deployment>>;
  /** @throws DEPLOYMENT_UNKNOWN */
  get(id: string): Promise<Deployment>;
  /** Brings back what this instance served before. @throws DEPLOYMENT_UNKNOWN, DEPLOYMENT_FIRST, CONFIRMATION_NEEDED */
  rollback(actor: Actor, id: string, confirm?: string): Promise<Deployment>;
  /** Removes the file and pauses the DAG. @throws DEPLOYMENT_ABSENT, CONFIRMATION_NEEDED */
  remove(
    actor: Actor,
    place: { readonly pipeline: string; readonly instance: InstanceId; readonly confirm?: string },
  ): Promise<Deployment>;
  /** What runs of it go on although its file goes away: addresses of runs in flight. */
  runsInFlight(deployment: StoredDeployment): Promise<readonly string[]>;
  /** @throws DEPLOYMENT_ABSENT, PROMOTION_BLOCKED and what `deploy` throws */
  promote(
    actor: Actor,
    request: {
      readonly pipeline: string;
      readonly from: InstanceId;
      readonly to: InstanceId;
      readonly dryRun: boolean;
      readonly allowMissing: boolean;
      readonly confirm?: string;
    },
  ): Promise<Promotion>;
  /** Waits until each of them has come so far or cannot come further, at most so long. */
  settle(
    ids: readonly string[],
    options: { readonly until: DeploymentState; readonly withinMs: number; readonly signal?: AbortSignal },
  ): Promise<readonly Deployment[]>;
}
