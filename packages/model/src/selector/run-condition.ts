import { AirfleetError } from "../errors/airfleet-error.ts";
import { RUN_STATES, type RunState } from "../states/run-state.ts";
import { matchesGlob } from "../text/glob.ts";
import { RUN_TYPES, type RunType } from "../work/run.ts";
import { termsAbout } from "./match-selector.ts";
import type { Selector, SelectorTerm } from "./selector.ts";
import { readMoment, readSpan } from "./time-words.ts";

/** A range: `from` belongs to it, `to` does not. */
interface Range {
  readonly from?: number;
  readonly to?: number;
}

/** What a selector asks of runs, in the words of the store's list. Times are epoch milliseconds. */
export interface RunCondition {
  readonly states?: readonly RunState[];
  readonly types?: readonly RunType[];
  readonly subject?: { readonly type: string; readonly id: string };
  readonly conf?: Readonly<Record<string, string>>;
  readonly noteContains?: string;
  readonly runIdContains?: string;
  readonly triggerId?: string;
  readonly due?: Range;
  readonly started?: Range;
  readonly ended?: Range;
  readonly durationSeconds?: Range;
  readonly failedWithoutLaterSuccess?: boolean;
}

type ValueTerm = Extract<SelectorTerm, { kind: "values" }>;

const pick = <Word extends string>(
  words: readonly Word[],
  before: readonly Word[] | undefined,
  { operator, values }: ValueTerm,
): readonly Word[] =>
  (before ?? words).filter((word) => values.some((value) => matchesGlob(value, word)) === (operator === "="));

const tighten = (left: Range = {}, right: Range): Range => {
  const from = Math.max(left.from ?? -Infinity, right.from ?? -Infinity);
  const to = Math.min(left.to ?? Infinity, right.to ?? Infinity);
  return { ...(from === -Infinity ? {} : { from }), ...(to === Infinity ? {} : { to }) };
};

/** `step`: the least difference, so that `>` and `<=` fit a range whose beginning alone belongs to it. */
const toRange = ({ operator }: ValueTerm, value: number, step: number): Range => {
  switch (operator) {
    case ">":
      return { from: value + step };
    case "<":
      return { to: value };
    case "<=":
      return { to: value + step };
    case ">=":
    case "=":
    case "!=":
      return { from: value };
    default:
      return operator satisfies never;
  }
};

const toSubject = (text: string): { readonly type: string; readonly id: string } => {
  const slash = text.indexOf("/");
  return { type: text.slice(0, slash), id: text.slice(slash + 1) };
};

const addTerm = (condition: RunCondition, term: SelectorTerm, now: number): RunCondition => {
  if (term.kind === "flag") return { ...condition, failedWithoutLaterSuccess: true };
  const [value = ""] = term.values;
  const range = (): Range => toRange(term, readMoment(value, now) ?? now, 1);
  switch (term.key) {
    case "state":
      return { ...condition, states: pick(RUN_STATES, condition.states, term) };
    case "type":
      return { ...condition, types: pick(RUN_TYPES, condition.types, term) };
    case "subject":
      return { ...condition, subject: toSubject(value) };
    case "conf":
      return {
        ...condition,
        conf: Object.fromEntries([...Object.entries(condition.conf ?? {}), [term.name ?? "", value]]),
      };
    case "note":
      return { ...condition, noteContains: value };
    case "run":
      return { ...condition, runIdContains: value };
    case "trigger":
      return { ...condition, triggerId: value };
    case "since":
    case "due":
      return { ...condition, due: tighten(condition.due, range()) };
    case "started":
      return { ...condition, started: tighten(condition.started, range()) };
    case "ended":
      return { ...condition, ended: tighten(condition.ended, range()) };
    case "duration": {
      const seconds = (readSpan(value) ?? 0) / 1_000;
      return { ...condition, durationSeconds: tighten(condition.durationSeconds, toRange(term, seconds, 0.001)) };
    }
    default:
      return condition;
  }
};

/**
 * The terms about runs as conditions for the store.
 *
 * @param now Epoch milliseconds, from which `7d` counts back.
 * @throws {AirfleetError} SELECTOR_INVALID for `!later_success` together with states that are not `failed`
 */
export const toRunCondition = (selector: Selector, now: number): RunCondition => {
  let condition: RunCondition = {};
  for (const term of termsAbout(selector, "runs")) condition = addTerm(condition, term, now);
  if (condition.failedWithoutLaterSuccess === true && condition.states?.includes("failed") === false) {
    throw new AirfleetError("SELECTOR_INVALID", {
      position: 1,
      term: "!later_success",
      reason: "it speaks of failed runs, and the states here leave them out",
      hint: "Write state=failed, or no state.",
    });
  }
  return condition;
};
