import { createHash } from "node:crypto";
import {
  parsePipelineConfig,
  type PipelineFinding,
  type Plan,
  type PlanSchedule,
  type PlanValue,
  type Step,
} from "@airfleet/model";
import type { UsedConnection } from "../checks/check-connections.ts";
import { type CheckOptions, checkPipeline } from "../checks/check-pipeline.ts";
import { finding } from "../checks/finding.ts";
import { belowBranches } from "./below-branches.ts";
import { toCanonicalJson } from "./canonical-json.ts";
import { toStepId } from "./step-id.ts";

/** The version of DuckDB whose SQL plans are written in; both interpreters bring it along. */
export const DUCKDB_VERSION = "1.5.6";

/** A pipeline as it is compiled: what was drawn, and what was said about it. */
export interface PipelineSource {
  /** UUID. */
  readonly id: string;
  readonly name: string;
  /** Nodes and edges, as they came. */
  readonly config: unknown;
  readonly tags?: readonly string[];
  readonly defaultParams?: Readonly<Record<string, unknown>>;
  readonly schedule?: PlanSchedule | null;
  readonly maxActiveRuns?: number;
}

/** What compiling came to: a plan with its hash, or what stands in its way. */
export type CompiledPlan = {
  readonly findings: readonly PipelineFinding[];
  /** What the nodes name, as far as it could be read. */
  readonly connections: readonly UsedConnection[];
  /** Names of the modules that were found, each once. */
  readonly modules: readonly string[];
} & ({ readonly plan: Plan; readonly hash: string } | { readonly plan: null; readonly hash: null });

/** The name of a pipeline's DAG: that which older servers gave it. */
export const toDagName = (pipelineId: string): string => `pipeline_${pipelineId.replaceAll("-", "_")}`;

/** What a plan comes to: two pipelines with the same hash do the same. */
export const planHash = (plan: Plan): string => createHash("sha256").update(toCanonicalJson(plan)).digest("hex");

const byId = (left: Step, right: Step): number => (left.id < right.id ? -1 : 1);

/** Step ids must differ as engines compare them, some of which ignore case in file names. */
const clashOf = (steps: readonly Step[]): readonly PipelineFinding[] => {
  const groups = Map.groupBy(steps, ({ id }) => id.toLowerCase());
  return [...groups.values()]
    .filter((group) => group.length > 1)
    .map((group) =>
      finding({
        type: "duplicate_node",
        message: `The ids of nodes ${group.map(({ node }) => `"${node}"`).join(" and ")} cannot be told apart.`,
        fix: "Give one of them another id.",
        node: group[0]?.node ?? null,
        field: "id",
      }),
    );
};

/**
 * Compiles a pipeline to its plan. The same pipeline gives the same plan on every machine; where nodes stand on the
 * canvas, and how they are listed, makes no difference.
 */
export const compilePlan = (source: PipelineSource, options: Omit<CheckOptions, "params">): CompiledPlan => {
  const { config, findings: unread } = parsePipelineConfig(source.config);
  // What was not read because of its size is not missing.
  if (unread.some(({ type }) => type === "too_large"))
    return { plan: null, hash: null, findings: unread, connections: [], modules: [] };
  const params = source.defaultParams ?? {};
  const checked = checkPipeline(config, { ...options, params });
  const { connections, modules } = checked;
  const findings = [...unread, ...checked.findings];
  if (unread.length > 0 || checked.nodes === null) return { plan: null, hash: null, findings, connections, modules };
  const joining = new Set<string>();
  const drawn = checked.nodes.map(({ node, module, inputs, outputs, body }): Step => {
    const { label, retry, timeout_seconds: timeoutSeconds, pool, queue } = node.data;
    if (module.joinsWays) joining.add(toStepId(node.id));
    return {
      id: toStepId(node.id),
      node: node.id,
      label: label ?? module.displayName,
      module: module.name,
      type: module.type,
      inputs: inputs
        .map(({ input, source: from, output }) => ({ name: input, step: toStepId(from), output }))
        .toSorted((left, right) => (left.name < right.name ? -1 : 1)),
      outputs,
      retry: retry ?? null,
      timeoutSeconds: timeoutSeconds ?? null,
      pool: pool ?? null,
      queue: queue ?? null,
      body,
    };
  });
  const skippable = belowBranches(drawn);
  const steps = drawn.map(
    (step): Step => (joining.has(step.id) && skippable.has(step.id) ? { ...step, needs: "any" } : step),
  );
  const clashes = clashOf(steps);
  if (clashes.length > 0) return { plan: null, hash: null, findings: [...findings, ...clashes], connections, modules };
  const plan: Plan = {
    format: 1,
    pipeline: source.id,
    name: source.name,
    dagId: toDagName(source.id),
    duckdb: DUCKDB_VERSION,
    tags: [...new Set(source.tags)].toSorted(),
    params: params as Readonly<Record<string, PlanValue>>,
    schedule: source.schedule ?? null,
    maxActiveRuns: source.maxActiveRuns ?? 1,
    steps: inTurn(steps),
  };
  return { plan, hash: planHash(plan), findings, connections, modules };
};

/** Each step after those that it reads from, and by id where that leaves a choice. */
const inTurn = (steps: readonly Step[]): readonly Step[] => {
  const left = new Map(steps.toSorted(byId).map((step) => [step.id, step]));
  const done: Step[] = [];
  const isDone = new Set<string>();
  while (left.size > 0) {
    const ready = [...left.values()].filter(({ inputs }) => inputs.every(({ step }) => isDone.has(step)));
    if (ready.length === 0) throw new Error("a checked pipeline has a cycle");
    for (const step of ready) {
      done.push(step);
      left.delete(step.id);
    }
    for (const { id } of ready) isDone.add(id);
  }
  return done;
};
