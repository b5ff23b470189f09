/** Roles, each holding all that the one before it holds; the contract says what each may do. */
export type ActorRole = "viewer" | "operator" | "deployer" | "admin";

/** Who asks. In local mode everybody who reaches the server is the same admin. */
export interface Actor {
  /** Shown in the audit trail: `local`, `token:<name>`, `system`. */
  readonly id: string;
  readonly role: ActorRole;
  /** Instances it may touch, as globs with `*`. */
  readonly instances: readonly string[];
  readonly sourceIp: string | null;
  readonly requestId: string | null;
}
