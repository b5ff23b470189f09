/**
 * What can be found in a pipeline. The first four are known to clients of older servers by these words; a pipeline with
 * any of severity `error` is neither executed nor deployed.
 */
export const PIPELINE_FINDING_TYPES = [
  "empty_pipeline",
  "missing_extractor",
  "missing_loader",
  "orphaned_nodes",
  "not_readable",
  "too_large",
  "duplicate_node",
  "dangling_edge",
  "duplicate_edge",
  "cycle",
  "unknown_module",
  "wrong_node_type",
  "invalid_config",
  "invalid_param",
  "missing_connection",
  "missing_input",
  "unnamed_input",
  "unknown_input",
  "too_many_inputs",
  "unknown_output",
  "unused_output",
  "unreachable_branch",
  "invalid_schedule",
  "approximation",
] as const;
export type PipelineFindingType = (typeof PIPELINE_FINDING_TYPES)[number];

/** One thing that is wrong with a pipeline, where, and what to do about it. */
export interface PipelineFinding {
  readonly severity: "error" | "warning";
  readonly type: PipelineFindingType;
  readonly message: string;
  readonly fix: string;
  /** The node's id; null for what concerns the whole. */
  readonly node: string | null;
  /** The edge's id, or `source → target` where it has none. */
  readonly edge: string | null;
  /** Path inside the node, such as `config.delimiter`. */
  readonly field: string | null;
}
