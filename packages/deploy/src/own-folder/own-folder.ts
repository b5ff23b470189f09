/** A text as it was read, with what tells whether it has changed since. */
export interface VersionedText {
  readonly text: string;
  readonly version: string;
}

/**
 * The folder that is ours in a target, as the rules of `applyChange` need it. Paths are relative and have been checked.
 * Every method may throw DEPLOY_TARGET_UNREACHABLE and DEPLOY_TARGET_REFUSED.
 */
export interface OwnFolder {
  /** For people. */
  readonly description: string;
  read(path: string): Promise<VersionedText | undefined>;
  /** SHA-256 of what is there; undefined where nothing is. @throws DEPLOY_NAME_TAKEN for what is no file */
  hash(path: string): Promise<string | undefined>;
  /**
   * Writes a file whole or not at all.
   *
   * @param expected `new`: nothing may be there; `any`; or the version that was read.
   * @returns Its version now; undefined when what was expected does not hold, and nothing was written.
   */
  write(
    path: string,
    text: string,
    expected: "new" | "any" | { readonly version: string },
  ): Promise<string | undefined>;
  /** Removes it, if it is there, and the folders that it leaves empty. */
  remove(path: string): Promise<void>;
  /** Takes away what a deployer left that died in the middle of a write. */
  tidy(paths: readonly string[]): Promise<void>;
}
