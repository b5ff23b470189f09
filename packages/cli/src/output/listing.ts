/** How a cell is meant; colour is never the only sign, the text says the same. */
export type Tone = "good" | "bad" | "warning" | "busy" | "faint" | "plain";

/** One column of a table. */
export interface Column<Row> {
  readonly header: string;
  readonly text: (row: Row) => string | number | boolean | null | undefined;
  /** Shown by `-o wide` and `-o csv` only. */
  readonly isWide?: boolean;
  readonly alignRight?: boolean;
  readonly tone?: (row: Row) => Tone;
}

/** Rows in every form in which a command can print them. */
export interface Listing<Row> {
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  /** What `-o name` prints: what other commands take as an argument. */
  readonly nameOf: (row: Row) => string;
  /** What the JSON forms print, when it is not the row itself. */
  readonly toValue?: (row: Row) => unknown;
  /** What somebody should do next who finds an empty list. */
  readonly whenEmpty?: string;
}

export const OUTPUT_FORMATS = ["table", "wide", "json", "yaml", "jsonl", "csv", "name"] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

const TONES: Readonly<Record<string, Tone>> = {
  success: "good",
  healthy: "good",
  done: "good",
  ok: "good",
  failed: "bad",
  unhealthy: "bad",
  unreachable: "bad",
  refused: "bad",
  upstream_failed: "bad",
  denied: "bad",
  lost: "bad",
  unknown: "warning",
  stale: "warning",
  up_for_retry: "warning",
  production: "warning",
  running: "busy",
  queued: "busy",
  pending: "busy",
  scheduled: "busy",
  disabled: "faint",
  skipped: "faint",
  paused: "faint",
  cancelled: "faint",
};

/** The tone that a state has wherever it is shown. */
export const toneOf = (state: string): Tone => TONES[state] ?? "plain";
