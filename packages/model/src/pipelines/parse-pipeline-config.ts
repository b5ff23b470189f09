import type { z } from "zod";
import { isNestedDeeper, MOST_LEVELS } from "../json/nesting.ts";
import { MOST_EDGES, MOST_NODES, type PipelineConfig, PipelineEdge, PipelineNode } from "./pipeline-config.ts";
import type { PipelineFinding } from "./pipeline-finding.ts";

/** A drawing, as far as it could be read, and what could not. */
export interface ParsedPipelineConfig {
  readonly config: PipelineConfig;
  readonly findings: readonly PipelineFinding[];
}

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const unreadable = (message: string, place: Partial<PipelineFinding> = {}): PipelineFinding => ({
  severity: "error",
  type: "not_readable",
  message,
  fix: "Correct it, or export the pipeline again from the editor that made it.",
  node: null,
  edge: null,
  field: null,
  ...place,
});

/**
 * A node in today's form. Older clients wrote `module` and `config` on the node itself, generated ones `moduleType`;
 * editors append the time to a module's name when it is dropped.
 */
const toCurrentForm = (node: Fields): Fields => {
  const data = isObject(node["data"]) ? node["data"] : {};
  const moduleId = data["moduleId"] ?? data["moduleType"] ?? data["moduleName"] ?? node["module"];
  const config = data["config"] ?? node["config"];
  const { module: _module, config: _config, ...rest } = node;
  return {
    ...rest,
    data: {
      ...data,
      ...(moduleId === undefined ? {} : { moduleId }),
      ...(config === undefined || config === null ? {} : { config }),
    },
  };
};

const toFindings = (error: z.ZodError, what: string, place: Partial<PipelineFinding>): readonly PipelineFinding[] =>
  error.issues.map((issue) => {
    const path = issue.path.map(String).filter((part, index) => !(index === 0 && part === "data"));
    const field = path.length === 0 ? null : path.join(".");
    return unreadable(`${what}${field === null ? "" : `, ${field}`}: ${issue.message}`, { ...place, field });
  });

const idOf = (value: unknown): string | null =>
  isObject(value) && typeof value["id"] === "string" ? value["id"] : null;

const edgeNameOf = (value: unknown): string | null => {
  if (!isObject(value)) return null;
  return idOf(value) ?? `${String(value["source"])} → ${String(value["target"])}`;
};

const readList = (config: Fields, key: "nodes" | "edges", findings: PipelineFinding[]): readonly unknown[] => {
  const list = config[key] ?? [];
  if (!Array.isArray(list)) {
    findings.push(unreadable(`"${key}" is no list.`, { field: key }));
    return [];
  }
  const most = key === "nodes" ? MOST_NODES : MOST_EDGES;
  if (list.length <= most) return list;
  findings.push({
    ...unreadable(`The pipeline has ${list.length} ${key}; ${most} are allowed.`, { field: key }),
    type: "too_large",
    fix: "Split it into several pipelines.",
  });
  return [];
};

/**
 * Reads nodes and edges as they come from an editor, a file or an older client. Everything that cannot be read is
 * named at once; the rest is still returned, so that it can be checked as well.
 */
export const parsePipelineConfig = (input: unknown): ParsedPipelineConfig => {
  const findings: PipelineFinding[] = [];
  if (!isObject(input)) {
    return {
      config: { nodes: [], edges: [] },
      findings: [unreadable('A pipeline is an object with "nodes" and "edges".')],
    };
  }
  if (isNestedDeeper(input)) {
    const message = `The pipeline is nested deeper than ${MOST_LEVELS} levels.`;
    return { config: { nodes: [], edges: [] }, findings: [{ ...unreadable(message), type: "too_large" }] };
  }
  const nodes: PipelineNode[] = [];
  for (const [index, raw] of readList(input, "nodes", findings).entries()) {
    const node = idOf(raw);
    const what = node === null ? `Node ${index + 1}` : `Node "${node}"`;
    if (!isObject(raw)) {
      findings.push(unreadable(`${what} is no object.`, { field: `nodes.${index}` }));
      continue;
    }
    const parsed = PipelineNode.safeParse(toCurrentForm(raw));
    if (parsed.success) nodes.push(parsed.data);
    else findings.push(...toFindings(parsed.error, what, { node }));
  }
  const edges: PipelineEdge[] = [];
  for (const [index, raw] of readList(input, "edges", findings).entries()) {
    const parsed = PipelineEdge.safeParse(raw);
    if (parsed.success) edges.push(parsed.data);
    else findings.push(...toFindings(parsed.error, `Edge ${index + 1}`, { edge: edgeNameOf(raw) }));
  }
  return { config: { nodes, edges }, findings };
};
