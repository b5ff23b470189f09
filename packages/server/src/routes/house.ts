/** What the server knows of itself. */
export interface House {
  /** How callers prove who they are. */
  readonly authMode: "local" | "token";
  readonly version: string;
  /** Where each setting comes from; secrets are hidden already. */
  readonly settings: () => readonly { readonly key: string; readonly value: unknown; readonly source: string }[];
  /** Set while stopping. */
  readonly isDraining: () => boolean;
}
