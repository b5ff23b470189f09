import { isSameJson } from "../json/is-same-json.ts";
import type { PipelineContent } from "./pipeline-content.ts";

/** One value that is another now; undefined where there is none. */
export interface FieldChange {
  /** Path, such as `data.config.delimiter`. */
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** What of something drawn has changed. */
export interface DrawnChange {
  /** A node's id; of an edge its ends, such as `read → keep`. */
  readonly id: string;
  readonly fields: readonly FieldChange[];
}

export interface DrawnDifference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly DrawnChange[];
}

/** What one version of a pipeline has that another has not. */
export interface PipelineDifference {
  readonly nodes: DrawnDifference;
  readonly edges: DrawnDifference;
  /** Everything that is not drawn. */
  readonly fields: readonly FieldChange[];
}

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Lists are compared whole: which of two items is the same one cannot be told. */
const compare = (before: unknown, after: unknown, path: readonly string[]): readonly FieldChange[] => {
  if (isSameJson(before, after)) return [];
  if (!isObject(before) || !isObject(after)) return [{ field: path.join("."), before, after }];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key) => compare(before[key], after[key], [...path, key]));
};

const listOf = (config: Fields, key: "nodes" | "edges"): readonly unknown[] => {
  const list = config[key];
  return Array.isArray(list) ? list : [];
};

/** By what it is known; what has no name of its own, or one that is taken, is known by its place. */
const byName = (
  list: readonly unknown[],
  nameOf: (item: Fields) => string | undefined,
): ReadonlyMap<string, unknown> => {
  const named = new Map<string, unknown>();
  for (const [index, item] of list.entries()) {
    const name = isObject(item) ? nameOf(item) : undefined;
    named.set(name === undefined || named.has(name) ? `#${index + 1}` : name, item);
  }
  return named;
};

const nodeName = ({ id }: Fields): string | undefined => (typeof id === "string" ? id : undefined);

const edgeEnd = (node: unknown, handle: unknown): string =>
  typeof handle === "string" ? `${String(node)}:${handle}` : String(node);

/** Editors number edges anew; two ends, with the handles at both, are what makes an edge the same. */
const edgeName = ({ source, target, sourceHandle, targetHandle }: Fields): string => {
  return `${edgeEnd(source, sourceHandle)} → ${edgeEnd(target, targetHandle)}`;
};

const diffDrawn = (before: ReadonlyMap<string, unknown>, after: ReadonlyMap<string, unknown>): DrawnDifference => ({
  added: [...after.keys()].filter((id) => !before.has(id)),
  removed: [...before.keys()].filter((id) => !after.has(id)),
  changed: [...after].flatMap(([id, item]) => {
    const fields = before.has(id) ? compare(before.get(id), item, []) : [];
    return fields.length === 0 ? [] : [{ id, fields }];
  }),
});

const drawn = (config: Fields, key: "nodes" | "edges") =>
  byName(listOf(config, key), key === "nodes" ? nodeName : edgeName);

const beside = ({ nodes: _nodes, edges: _edges, ...rest }: Fields): Fields => rest;

/** What of a pipeline changed from one version to another. */
export const diffPipelines = (before: PipelineContent, after: PipelineContent): PipelineDifference => {
  const { config: oldConfig, ...oldFields } = before;
  const { config: newConfig, ...newFields } = after;
  return {
    nodes: diffDrawn(drawn(oldConfig, "nodes"), drawn(newConfig, "nodes")),
    edges: diffDrawn(drawn(oldConfig, "edges"), drawn(newConfig, "edges")),
    fields: [...compare(oldFields, newFields, []), ...compare(beside(oldConfig), beside(newConfig), ["config"])],
  };
};
