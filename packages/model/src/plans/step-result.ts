import { z } from "zod";

/** Rows in a Parquet file: what steps hand to each other. Small enough for an XCom, whatever the rows. */
export const TableReference = z.object({
  /** Absolute path, or `s3://bucket/key`. */
  uri: z.string(),
  rows: z.int().min(0),
  /** In order; types in DuckDB's words. */
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  bytes: z.int().min(0),
});
export type TableReference = z.infer<typeof TableReference>;

/** What a step that succeeded leaves, the same from every interpreter: a task's XCom on Airflow. */
export const StepResult = z.object({
  /** By the name of the output; of a branch only the way that was taken. */
  outputs: z.record(z.string(), TableReference),
  rows_in: z.int().min(0),
  /** Rows of all outputs, or rows written. */
  rows_out: z.int().min(0),
  seconds: z.number().min(0),
  /** The output that a branch chose. */
  chosen: z.string().nullable(),
});
export type StepResult = z.infer<typeof StepResult>;
