import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { client } from "../client/client.ts";

export type Overview = Awaited<ReturnType<typeof client.getOverview>>;
export type OverviewInstance = Overview["instances"][number];
export type Wrong = Overview["wrong"][number];
export type Matrix = Awaited<ReturnType<typeof client.getMatrix>>;
export type MatrixRow = Matrix["items"][number];
export type MatrixCell = MatrixRow["cells"][string];

/** Read again by itself, too: ages of instances are told by no event. */
const AGAIN_MS = 15_000;

export const overviewQuery = queryOptions({
  queryKey: ["overview"],
  queryFn: ({ signal }) => client.getOverview({}, { signal }),
  refetchInterval: AGAIN_MS,
  placeholderData: keepPreviousData,
});

export const matrixQuery = queryOptions({
  queryKey: ["matrix"],
  queryFn: ({ signal }) => client.getMatrix({ query: { limit: 1_000 } }, { signal }),
  refetchInterval: AGAIN_MS * 4,
  placeholderData: keepPreviousData,
});
