/** One bar: what was measured, what it is held against, and whether it was reached in this run. */
export interface BenchRow {
  readonly what: string;
  readonly ours: string;
  readonly baseline: string;
  /** Ours against the baseline, as a plain number. */
  readonly ratio: number;
  readonly target: string;
  readonly reached: boolean;
}

/** One figure of the product: how it is taken, and the rows that come of it. */
export interface Bench {
  readonly name: string;
  readonly claim: string;
  readonly run: (options: { readonly quick: boolean }) => Promise<readonly BenchRow[]>;
}

/** The rows as a table that fits into docs/performance.md. */
export const toMarkdown = (rows: readonly BenchRow[]): string =>
  [
    "| what | ours | baseline | ratio | target | reached |",
    "|---|---|---|---|---|---|",
    ...rows.map(
      (row) =>
        `| ${row.what} | ${row.ours} | ${row.baseline} | ${row.ratio.toFixed(2)} | ${row.target} | ${row.reached ? "yes" : "**no**"} |`,
    ),
  ].join("\n");
