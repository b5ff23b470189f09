import type { DagId, RunAddress, TaskAddress } from "@airfleet/model";

/**
 * A read whose answer is wanted in the engine's own words. The first seed's routes pass Airflow bodies on unchanged, so
 * they must not go through our normal form.
 */
export type NativeRead =
  | { readonly kind: "dags"; readonly limit?: number; readonly offset?: number }
  | { readonly kind: "dag"; readonly dagId: DagId }
  | { readonly kind: "runs"; readonly dagId: DagId; readonly limit: number; readonly offset: number }
  | { readonly kind: "run"; readonly run: RunAddress }
  | { readonly kind: "tasks"; readonly run: RunAddress }
  | { readonly kind: "log"; readonly task: TaskAddress; readonly tryNumber: number };

/**
 * The answer: one JSON text. On Airflow 2 the very bytes it sent when one page held everything; otherwise the pages
 * joined. On Airflow 3 the names that Airflow 2 used stand beside its own (`execution_date`, `is_active`,
 * `schedule_interval`, …), so that clients of the seed go on reading.
 */
export interface NativeAnswer {
  readonly json: Uint8Array;
}
