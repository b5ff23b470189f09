import { createHash } from "node:crypto";
import { createTicks, type MissedPolicy, toExecutionRunId } from "@airfleet/model";
import type { StoredSchedule } from "@airfleet/store";

/** A tick that is later than this was missed: a running server serves one within a second or two. */
export const MISSED_AFTER_MS = 60_000;
/** Ticks that are made up for in one step; the others follow in the next. */
const AT_ONCE = 50;

/** What is due of a schedule. */
export interface DueTicks {
  /** Oldest first; an execution is made for each. */
  readonly serve: readonly number[];
  /** What was due and is not made up for. */
  readonly dropped: number;
  readonly next: number | null;
}

const choose = (due: readonly number[], policy: MissedPolicy, now: number): readonly number[] => {
  switch (policy) {
    case "all":
      return due;
    case "latest":
      return due.slice(-1);
    case "skip":
      return due.slice(-1).filter((tick) => now - tick <= MISSED_AFTER_MS);
    default:
      return policy satisfies never;
  }
};

/** Ticks that are counted one by one; a schedule that slept longer goes on with those before now. */
const MOST_COUNTED = 10_000;

/**
 * What is to be done about the ticks between the next that was noted and now, and when the next one after them is due.
 *
 * @param now Epoch milliseconds.
 */
export const dueTicks = (
  { definition, anchor, nextTick }: Pick<StoredSchedule, "definition" | "anchor" | "nextTick">,
  now: number,
): DueTicks => {
  if (nextTick === null) return { serve: [], dropped: 0, next: null };
  const ticks = createTicks(definition, anchor);
  const due: number[] = [];
  let tick: number | null = nextTick;
  while (tick !== null && tick <= now && due.length < (definition.missed === "all" ? AT_ONCE : MOST_COUNTED)) {
    due.push(tick);
    tick = ticks.after(tick);
  }
  const isBehind = definition.missed !== "all" && tick !== null && tick <= now;
  const serve = isBehind ? [] : choose(due, definition.missed, now);
  return { serve, dropped: due.length - serve.length, next: tick };
};

/** The id of a tick's execution: the same whoever makes it, so that a tick has one execution and one run. */
export const tickExecutionId = (schedule: string, tick: number): string => {
  const hex = createHash("sha256")
    .update(JSON.stringify(["tick", schedule, tick]))
    .digest("hex");
  // Version 8: made by a rule of our own.
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return parts.join("-");
};

/** The run of a tick's execution. */
export const tickRunId = (schedule: string, tick: number) => toExecutionRunId(tickExecutionId(schedule, tick));
