import type { RunState, Tier } from "@airfleet/model";
import type { Condition } from "../words/words.ts";
import type { MatrixCell, MatrixRow, OverviewInstance } from "./overview.ts";

const TIER_ORDER: Readonly<Record<Tier, number>> = { production: 0, staging: 1, development: 2 };

/** Instances as boards show them: production first, then by name. */
export const inBoardOrder = (instances: readonly OverviewInstance[]): readonly OverviewInstance[] =>
  instances.toSorted(
    (left, right) => TIER_ORDER[left.tier] - TIER_ORDER[right.tier] || left.id.localeCompare(right.id, "en"),
  );

/** Instances of one tier, next to each other. */
export interface TierGroup {
  readonly tier: Tier;
  readonly instances: readonly OverviewInstance[];
}

export const byTier = (instances: readonly OverviewInstance[]): readonly TierGroup[] =>
  [...Map.groupBy(inBoardOrder(instances), ({ tier }) => tier)].map(([tier, group]) => ({ tier, instances: group }));

/** Whether what is known of an instance is of now. */
export const isCurrent = ({ enabled, status }: Pick<OverviewInstance, "enabled" | "status">): boolean =>
  enabled && !status.stale && (status.state === "healthy" || status.state === "unhealthy");

/** What a cell shows: the worse of what the DAG is and how its newest run went. */
export const toCellState = ({ state, paused, broken }: MatrixCell): RunState | Condition => {
  if (broken === true) return "broken";
  if (state === "failed" || state === "running" || state === "queued" || state === "lost") return state;
  if (paused === true) return "paused";
  return state ?? "none";
};

/** A line of the matrix: the head of a group, or a DAG. */
export type MatrixLine =
  | { readonly kind: "group"; readonly tag: string | null; readonly dags: number }
  | { readonly kind: "dag"; readonly row: MatrixRow };

/** DAGs under their first tag, tags in order, those without one last. */
export const toLines = (rows: readonly MatrixRow[]): readonly MatrixLine[] => {
  const groups = Map.groupBy(rows, ({ tags }) => tags[0] ?? null);
  const tags = [...groups.keys()].toSorted((left, right) => {
    if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1;
    return left.localeCompare(right, "en");
  });
  return tags.flatMap((tag): readonly MatrixLine[] => {
    const dags = groups.get(tag) ?? [];
    return [{ kind: "group", tag, dags: dags.length }, ...dags.map((row) => ({ kind: "dag", row }) as const)];
  });
};

/** What a row says in words where there is no room for its cells. */
export const toExceptions = (
  { cells }: MatrixRow,
  instances: readonly OverviewInstance[],
): readonly { readonly instance: string; readonly state: RunState | Condition }[] =>
  instances.flatMap(({ id }) => {
    const cell = cells[id];
    if (cell === undefined) return [];
    const state = toCellState(cell);
    return state === "failed" || state === "broken" || state === "lost" ? [{ instance: id, state }] : [];
  });
