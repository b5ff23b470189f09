/** Rows of `documents`. */
export interface DocumentTable {
  readonly kind: string;
  readonly id: string;
  readonly body: string;
  readonly sealed: string | null;
  readonly version: number;
  readonly created_at: number;
  readonly updated_at: number;
}

/** How often any document of a kind has changed. */
export interface DocumentRevisionTable {
  readonly kind: string;
  readonly revision: number;
}
