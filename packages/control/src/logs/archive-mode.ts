import { isTerminalRunState, RUN_STATES, type RunState } from "@airfleet/model";

/**
 * Whose logs are archived. Each holds what the one before it holds: `failed` also runs that were stopped, and successes
 * that did only a part; `subjects` also runs about a business object.
 */
export const ARCHIVE_MODES = ["none", "failed", "subjects", "all"] as const;
export type ArchiveMode = (typeof ARCHIVE_MODES)[number];

/** As much of a run as decides. */
export interface ArchivableRun {
  readonly state: RunState;
  readonly partial: boolean;
  readonly subjectsTotal: number;
}

const isRunState = (value: unknown): value is RunState => RUN_STATES.some((state) => state === value);

/** A run out of the payload of an event; undefined when it is none. */
export const toArchivableRun = (payload: Readonly<Record<string, unknown>>): ArchivableRun | undefined => {
  const { state, partial, subjects_total: subjects } = payload;
  if (!isRunState(state)) return undefined;
  return { state, partial: partial === true, subjectsTotal: typeof subjects === "number" ? subjects : 0 };
};

/** Whether the logs of a run are to be archived; of a run that the engine lost there are none. */
export const wantsArchive = (mode: ArchiveMode, { state, partial, subjectsTotal }: ArchivableRun): boolean => {
  if (!isTerminalRunState(state) || state === "lost") return false;
  switch (mode) {
    case "none":
      return false;
    case "failed":
      return state !== "success" || partial;
    case "subjects":
      return state !== "success" || partial || subjectsTotal > 0;
    case "all":
      return true;
    default:
      return mode satisfies never;
  }
};
