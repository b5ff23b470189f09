import { z } from "zod";

/** What a node does with data. `control` decides which way a run goes on. */
export const NODE_TYPES = ["extractor", "transformer", "loader", "control"] as const;
export type NodeType = (typeof NODE_TYPES)[number];

/** More nodes than this are refused: no engine schedules them well, and nobody reads them. */
export const MOST_NODES = 2_000;
export const MOST_EDGES = 10_000;

/** How often and how soon a node is tried again; in one layer only, the engine's. */
export const NodeRetry = z.strictObject({
  count: z.int().min(0).max(50),
  delay_seconds: z.number().min(0).max(86_400).default(300),
  /** Each delay is the one before times this. */
  multiplier: z.number().min(1).max(10).default(1),
  max_delay_seconds: z.number().min(0).max(86_400).default(3_600),
});
export type NodeRetry = z.infer<typeof NodeRetry>;

/**
 * What a node carries besides its place. `config` is for its module, whose schema checks it. Keys that an editor adds
 * for itself are kept as they are.
 */
export const NodeData = z.looseObject({
  label: z.string().max(500).optional(),
  /** The module's name. */
  moduleId: z.string().min(1).max(200),
  config: z.record(z.string(), z.json()).default({}),
  retry: NodeRetry.optional(),
  timeout_seconds: z.number().positive().max(604_800).optional(),
  pool: z.string().min(1).max(200).optional(),
  queue: z.string().min(1).max(200).optional(),
});

/** A node as React Flow keeps it. */
export const PipelineNode = z.looseObject({
  id: z.string().min(1).max(200),
  type: z.enum(NODE_TYPES).default("extractor"),
  position: z.looseObject({ x: z.number(), y: z.number() }).default({ x: 0, y: 0 }),
  data: NodeData,
});
export type PipelineNode = z.infer<typeof PipelineNode>;

/** Data that flows from an output of one node to an input of another. Handles name them where a node has several. */
export const PipelineEdge = z.looseObject({
  id: z.string().max(500).optional(),
  source: z.string().min(1).max(200),
  target: z.string().min(1).max(200),
  sourceHandle: z.string().max(200).nullish(),
  targetHandle: z.string().max(200).nullish(),
});
export type PipelineEdge = z.infer<typeof PipelineEdge>;

/** What is drawn. */
export interface PipelineConfig {
  readonly nodes: readonly PipelineNode[];
  readonly edges: readonly PipelineEdge[];
}
