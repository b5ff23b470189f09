/** What an instance keeps besides DAGs. */
export const CONFIG_KINDS = ["variable", "connection", "pool"] as const;
export type ConfigKind = (typeof CONFIG_KINDS)[number];

/** A variable, connection or pool by name. The value is never passed on, only a hash to compare instances by. */
export interface ConfigEntry {
  readonly kind: ConfigKind;
  readonly key: string;
  readonly description: string | null;
  /** sha256 of the canonical value, hex; null when the engine masks it, so that nothing can be said. */
  readonly valueHash: string | null;
  /** Fields that are no secret: a connection's type, host, schema, port; a pool's slots. */
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
}

/** A variable, connection or pool to be created or replaced. */
export type ConfigEntryWrite =
  | { readonly kind: "variable"; readonly key: string; readonly value: string; readonly description?: string }
  | {
      readonly kind: "connection";
      readonly key: string;
      readonly connType: string;
      readonly description?: string;
      readonly host?: string;
      readonly schema?: string;
      readonly login?: string;
      readonly password?: string;
      readonly port?: number;
      readonly extra?: string;
    }
  | {
      readonly kind: "pool";
      readonly key: string;
      readonly slots: number;
      readonly description?: string;
      /** Whether deferred tasks take a slot; absent, it stays as it is. */
      readonly includeDeferred?: boolean;
    };

/** One row of the engine's own audit log. */
export interface EngineAuditEvent {
  readonly id: string;
  readonly at: string;
  readonly event: string;
  readonly owner: string | null;
  readonly dagId: string | null;
  readonly runId: string | null;
  readonly taskId: string | null;
}
