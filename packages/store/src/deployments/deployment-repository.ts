import type { DagId, DeploymentState, InstanceId } from "@airfleet/model";
import type { DocumentAuthor } from "../documents/document-repository.ts";
import type { StorePage } from "../paging/cursor.ts";

/** Which node a generated line belongs to: from `line` (the first is 1) until the next entry's. */
export interface ArtifactLine {
  readonly line: number;
  readonly node: string | null;
}

/** What a revision of a pipeline was compiled to. Never changes. */
export interface StoredArtifact {
  /** `art_` and a hash of kind and body. */
  readonly id: string;
  /** A file of Airflow, or a plan that an engine takes over the wire. */
  readonly kind: "airflow" | "plan";
  readonly pipelineId: string;
  readonly pipelineName: string;
  readonly revision: number;
  readonly planHash: string;
  /** By which an engine tells that it is live. */
  readonly hash: string;
  readonly dagId: DagId;
  readonly fileName: string;
  readonly body: string;
  readonly lines: readonly ArtifactLine[];
  readonly taskIds: readonly string[];
  /** Name of the package that it stands on. */
  readonly runtime: string | null;
  readonly createdAt: number;
}
export type NewArtifact = Omit<StoredArtifact, "createdAt">;

/** A package that artifacts stand on: texts by path. */
export interface StoredRuntime {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
}

/** Why something was deployed. */
export type DeploymentOrigin = "deploy" | "execute" | "promote" | "rollback";

/** What stands in a deployment's way, with the place in the pipeline where it is known. */
export interface DeploymentError {
  readonly code: string;
  readonly message: string;
  readonly node: string | null;
  readonly field: string | null;
  /** Line of the generated file. */
  readonly line: number | null;
}

/** What the reconciler remembers between two looks. */
export interface DeploymentProgress {
  /** The engine's time of the parse before ours was written, or that was last looked at. */
  readonly parsedAt: string | null;
  /** The engine's time of the import error of the file before ours. */
  readonly erredAt: string | null;
  /** Details read since that parse. */
  readonly reads: number;
  /** Epoch milliseconds. */
  readonly nudgedAt: number | null;
  readonly looks: number;
  /** Tries to write since the last state. */
  readonly tries: number;
}

/** An artifact on its way to an instance, or there. Times are epoch milliseconds. */
export interface StoredDeployment {
  /** `dpl_…` */
  readonly id: string;
  readonly pipelineId: string;
  readonly revision: number;
  readonly planHash: string;
  readonly artifactId: string;
  readonly artifactHash: string;
  readonly instance: InstanceId;
  readonly dagId: DagId;
  /** Rises with each deployment of this DAG there; the highest is what shall be. */
  readonly generation: number;
  readonly state: DeploymentState;
  readonly origin: DeploymentOrigin;
  readonly requestedBy: string;
  /** Nothing of this DAG was there before. */
  readonly isNew: boolean;
  /** The set of task ids is another one than before. */
  readonly tasksChanged: boolean;
  /** When each state was reached, the last time. */
  readonly stateTimes: Readonly<Partial<Record<DeploymentState, number>>>;
  readonly error: DeploymentError | null;
  /** Where the file was written. */
  readonly target: string | null;
  /** The target's own name of that state: a commit. */
  readonly targetRevision: string | null;
  readonly progress: DeploymentProgress;
  /** When it is to be looked at; null when nothing is left to do. */
  readonly dueAt: number | null;
  readonly rowVersion: number;
  readonly createdAt: number;
  readonly changedAt: number;
}

export interface NewDeployment {
  readonly artifact: NewArtifact;
  readonly instance: InstanceId;
  readonly origin: DeploymentOrigin;
}

export type DeploymentChange = Partial<
  Pick<StoredDeployment, "state" | "error" | "target" | "targetRevision" | "progress" | "dueAt">
>;

export interface DeploymentQuery {
  readonly pipelineId?: string;
  readonly instances?: readonly InstanceId[];
  readonly states?: readonly DeploymentState[];
  readonly dagId?: DagId;
  /** Only the newest of each DAG on each instance. */
  readonly isCurrent?: boolean;
  readonly limit: number;
  /** `next` of the page before. */
  readonly after?: string;
}

/** Artifacts and where they were brought. Each change of state is told as an event in its own transaction. */
export interface DeploymentRepository {
  /** Kept once, whoever stands on it. */
  keepRuntime(runtime: StoredRuntime): Promise<void>;
  runtime(name: string): Promise<StoredRuntime | undefined>;
  artifact(id: string): Promise<StoredArtifact | undefined>;
  artifacts(ids: readonly string[]): Promise<ReadonlyMap<string, StoredArtifact>>;
  /**
   * Records that these artifacts shall be where they are named, all or none. Deployments of the same DAG there that are
   * still under way are superseded; who comes last wins.
   */
  record(deployments: readonly NewDeployment[], author: DocumentAuthor): Promise<readonly StoredDeployment[]>;
  /** Begins to take a DAG away. @returns undefined when nothing of it is there */
  recordRemoval(
    place: { readonly instance: InstanceId; readonly dagId: DagId },
    author: DocumentAuthor,
  ): Promise<StoredDeployment | undefined>;
  find(id: string): Promise<StoredDeployment | undefined>;
  /** The newest of a DAG on an instance. */
  newest(instance: InstanceId, dagId: DagId): Promise<StoredDeployment | undefined>;
  /** The deployment before, of another artifact, that the instance once served. */
  before(deployment: StoredDeployment): Promise<StoredDeployment | undefined>;
  /** Newest first. */
  list(query: DeploymentQuery): Promise<StorePage<StoredDeployment>>;
  /** Instances with something to do until then, and when the next thing is due. */
  due(at: number): Promise<{ readonly instances: readonly InstanceId[]; readonly next: number | null }>;
  /** What is to be done or looked at on an instance until then, oldest due first. */
  open(instance: InstanceId, at: number, limit: number): Promise<readonly StoredDeployment[]>;
  /** Runtimes that files on the instance stand on, or shall, or did after that time (epoch milliseconds). */
  usedRuntimes(instance: InstanceId, after: number): Promise<readonly string[]>;
  /** Those that were superseded by a file that has been written: what was there before. */
  supersedeBefore(deployment: StoredDeployment): Promise<void>;
  /** Writes a change unless the row has changed since it was read. @returns the row as it is now; undefined when it had */
  change(deployment: StoredDeployment, change: DeploymentChange): Promise<StoredDeployment | undefined>;
  /** Milliseconds from written to live of the last deployments there, newest first. */
  lastWaits(instance: InstanceId, isNew: boolean, limit: number): Promise<readonly number[]>;
}
