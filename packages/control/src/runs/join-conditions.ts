import { AirfleetError } from "@airfleet/model";
import type { RunFilter } from "@airfleet/store";
import { given } from "./given.ts";

type Range = NonNullable<RunFilter["due"]>;

/** Two conditions that no run can meet. */
const IMPOSSIBLE = Symbol("impossible");

const both = <Word>(left: readonly Word[] | undefined, right: readonly Word[] | undefined) => {
  if (left === undefined || right === undefined) return left ?? right;
  return left.filter((word) => right.includes(word));
};

const listed = (value: string | undefined): readonly string[] | undefined =>
  value === undefined ? undefined : [value];

const overlap = (left: Range | undefined, right: Range | undefined): Range | undefined => {
  if (left === undefined || right === undefined) return left ?? right;
  const from = Math.max(left.from ?? -Infinity, right.from ?? -Infinity);
  const to = Math.min(left.to ?? Infinity, right.to ?? Infinity);
  return { ...(from === -Infinity ? {} : { from }), ...(to === Infinity ? {} : { to }) };
};

/** A run may meet both, but the list looks for one. */
const oneOf = <Value>(key: string, left: Value | undefined, right: Value | undefined): Value | undefined => {
  if (left === undefined || right === undefined) return left ?? right;
  if (JSON.stringify(left) === JSON.stringify(right)) return left;
  throw new AirfleetError("SELECTOR_INVALID", {
    position: 1,
    term: key,
    reason: "the request asks for another one beside the selector",
    hint: "Leave one of them.",
  });
};

const bothConfs = (left: RunFilter["conf"], right: RunFilter["conf"]): RunFilter["conf"] | typeof IMPOSSIBLE => {
  if (left === undefined || right === undefined) return left ?? right;
  for (const [key, value] of Object.entries(left)) {
    if (Object.hasOwn(right, key) && right[key] !== value) return IMPOSSIBLE;
  }
  return Object.fromEntries([...Object.entries(left), ...Object.entries(right)]);
};

/**
 * What meets both filters, instances apart. Undefined when nothing can.
 *
 * @param right From a selector.
 * @throws {AirfleetError} SELECTOR_INVALID for two subjects, parts of a note or of a run id
 */
export const joinConditions = (left: RunFilter, right: RunFilter): RunFilter | undefined => {
  const conf = bothConfs(left.conf, right.conf);
  const triggers = both(listed(left.triggerId), listed(right.triggerId));
  const lists = {
    dagIds: both(left.dagIds, right.dagIds),
    states: both(left.states, right.states),
    types: both(left.types, right.types),
  };
  const isEmpty = [...Object.values(lists), triggers].some((list) => list?.length === 0);
  if (conf === IMPOSSIBLE || isEmpty) return undefined;
  const openFailures = left.failedWithoutLaterSuccess ?? right.failedWithoutLaterSuccess;
  return given({
    ...lists,
    conf,
    triggerId: triggers?.[0],
    subject: oneOf("subject", left.subject, right.subject),
    noteContains: oneOf("note", left.noteContains, right.noteContains),
    runIdContains: oneOf("run", left.runIdContains, right.runIdContains),
    due: overlap(left.due, right.due),
    started: overlap(left.started, right.started),
    ended: overlap(left.ended, right.ended),
    durationSeconds: overlap(left.durationSeconds, right.durationSeconds),
    failedWithoutLaterSuccess: openFailures,
  });
};
