/** A file for an engine, by its name within our own folder there. */
export interface DeployedFile {
  /** Relative, with `/`; never outside our folder. */
  readonly path: string;
  readonly text: string;
}

/** What one change does to the folder. */
export interface DeployChange {
  /** Written anew or replaced; a file that is there with the same content is left alone. */
  readonly put: readonly DeployedFile[];
  /** Removed where they are ours. */
  readonly remove: readonly string[];
  /** One line for whoever reads the history of a target that has one (git). */
  readonly message: string;
}

/** What a change came to. */
export interface DeployOutcome {
  readonly written: readonly string[];
  readonly removed: readonly string[];
  /** Commit or version of the target, where it has such a thing. */
  readonly revision: string | null;
}

/**
 * Where an engine reads its files from. Everything happens in a folder of our own whose manifest lists what we wrote:
 * nothing else is ever touched, also when it has a name that we want (DEPLOY_NAME_TAKEN). A change is applied whole or,
 * where the target cannot do that, in an order in which no reader sees a file without what it needs.
 *
 * Every call may throw DEPLOY_TARGET_UNREACHABLE (passing) and DEPLOY_TARGET_REFUSED (needs a person).
 */
export interface DeployTarget {
  /** For people: `folder /opt/airflow/dags/airfleet`. */
  readonly description: string;
  apply(change: DeployChange, options: { readonly signal: AbortSignal }): Promise<DeployOutcome>;
  /** Paths and SHA-256 of the files that are ours, as found now. */
  list(options: { readonly signal: AbortSignal }): Promise<ReadonlyMap<string, string>>;
  close(): Promise<void>;
}
