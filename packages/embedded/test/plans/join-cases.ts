import type { PipelineSource } from "@airfleet/compiler";
import type { PlanCase } from "./plan-case.ts";

/** A case as a part of a larger pipeline. */
export interface JoinedCase {
  readonly given: PlanCase;
  /** In front of the ids of its nodes, and the folder of its files. */
  readonly prefix: string;
}

type Config = Readonly<Record<string, unknown>>;

/** Loaders that only stand at the end because a pipeline needs one. */
const isFiller = (id: string): boolean => /^kept\d+$/.test(id);

/** The config with parameters of its own names, and files in a folder of its own. */
const apart = (config: Config, prefix: string): Config => {
  const renamed = JSON.parse(
    JSON.stringify(config).replaceAll(
      /\{\{ params\.(\w+) \}\}/g,
      (_whole, name: string) => `{{ params.${prefix}_${name} }}`,
    ),
  ) as Record<string, unknown>;
  for (const field of ["path", "file_path"]) {
    const place = renamed[field];
    if (typeof place === "string") renamed[field] = `${prefix}/${place}`;
  }
  return renamed;
};

/**
 * One pipeline of many cases that have nothing to do with each other: an engine that takes a second for a run, whatever
 * is in it, then takes it once.
 */
export const joinCases = (id: string, joined: readonly JoinedCase[]): PipelineSource => ({
  id,
  name: "All cases of the suite",
  defaultParams: Object.fromEntries(
    joined.flatMap(({ given, prefix }) =>
      Object.entries({ ...given.defaults, ...given.params }).map(([name, value]) => [`${prefix}_${name}`, value]),
    ),
  ),
  config: {
    nodes: joined.flatMap(({ given, prefix }, index) =>
      given.nodes
        .filter((node) => index === 0 || !isFiller(node.id))
        .map((node) => ({
          ...node,
          id: `${prefix}_${node.id}`,
          data: { ...node.data, config: apart(node.data.config, prefix), retry: { count: 0 } },
        })),
    ),
    edges: joined.flatMap(({ given, prefix }, index) =>
      given.edges
        .filter((edge) => index === 0 || !isFiller(edge.target))
        .map((edge) => ({ ...edge, source: `${prefix}_${edge.source}`, target: `${prefix}_${edge.target}` })),
    ),
  },
});
