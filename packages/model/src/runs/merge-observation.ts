import { isTerminalRunState, type RunState } from "../states/run-state.ts";
import type { Instant } from "../work/dag.ts";
import type { Run } from "../work/run.ts";
import type { RunHearsay, RunObservation, RunReading, RunRecord } from "./run-record.ts";

const ADVANCE = { queued: 0, running: 1, lost: 2, success: 3, cancelled: 4, failed: 5 } as const satisfies Record<
  RunState,
  number
>;

/** Decides between two readings of the same millisecond, by their content, so that both orders give the same. */
const isAhead = (left: Run, right: Run): boolean => {
  const difference = ADVANCE[left.state] - ADVANCE[right.state];
  return difference === 0 ? JSON.stringify(left) > JSON.stringify(right) : difference > 0;
};

const newerReading = (known: RunReading | null, reading: RunReading): RunReading => {
  if (known === null || reading.at > known.at) return reading;
  return reading.at === known.at && isAhead(reading.run, known.run) ? reading : known;
};

/** Attempts of a run follow each other, so the one that began last is the newest. Null is one that never began. */
const laterBeginning = (left: Instant | null, right: Instant | null): Instant | null => {
  if (left === null || right === null) return left ?? right;
  const difference = Date.parse(left) - Date.parse(right);
  if (difference !== 0) return difference > 0 ? left : right;
  // The same millisecond: the engine tells microseconds.
  return left >= right ? left : right;
};

type Stop = NonNullable<RunRecord["stopped"]>;

const newerStop = (known: Stop | null, stop: Stop): Stop => {
  if (known === null || stop.at > known.at) return stop;
  if (stop.at < known.at || stop.startedAt === known.startedAt) return known;
  return laterBeginning(stop.startedAt, known.startedAt) === stop.startedAt ? stop : known;
};

type Heard = Extract<RunObservation, { readonly kind: "heard" }>;

const NOTHING_HEARD: RunHearsay = { startedAt: null, ended: null, logicalDate: null, conf: null };

/** Reports ought to agree; where they do not, one of them is believed whatever their order. */
const agree = <Fact>(left: Fact | null, right: Fact | null): Fact | null => {
  if (left === null || right === null) return left ?? right;
  return JSON.stringify(left) >= JSON.stringify(right) ? left : right;
};

const hear = (known: RunHearsay | null, news: Heard): RunHearsay => {
  const { startedAt, ended, ...before } = known ?? NOTHING_HEARD;
  const facts = {
    logicalDate: agree(before.logicalDate, news.logicalDate ?? null),
    conf: agree(before.conf, news.conf ?? null),
  };
  const isSameFacts = known !== null && facts.logicalDate === before.logicalDate && facts.conf === before.conf;
  if (!isTerminalRunState(news.state)) {
    const latest = Math.max(startedAt ?? news.at, news.at);
    return isSameFacts && latest === startedAt ? known : { ...facts, ended, startedAt: latest };
  }
  const said = { at: news.at, state: news.state, partial: news.partial ?? false };
  const isNews =
    ended === null ||
    said.at > ended.at ||
    (said.at === ended.at && ADVANCE[said.state] > ADVANCE[ended.state]) ||
    (said.at === ended.at && said.state === ended.state && said.partial && !ended.partial);
  return isSameFacts && !isNews ? known : { ...facts, startedAt, ended: isNews ? said : ended };
};

type Parts = Pick<RunRecord, "read" | "heard" | "stopped" | "hollow" | "goneAt">;

/** What the engine's answer means: a failure of the attempt that we stopped is a cancellation, a success without tasks none. */
const readState = ({ state, startedAt }: Run, { stopped, hollow }: Parts): RunState => {
  if (state === "failed" && stopped !== null && stopped.startedAt === startedAt) return "cancelled";
  return state === "success" && hollow !== null && hollow === startedAt ? "failed" : state;
};

/** Whether the report of an end can be about the attempt that was read: it came after the attempt had begun. */
const isAbout = (endedAt: number, { startedAt }: Run): boolean =>
  startedAt === null || endedAt >= Date.parse(startedAt);

const judge = (parts: Parts): Pick<RunRecord, "state" | "partial"> => {
  const { read, heard, goneAt } = parts;
  const readAt = read?.at ?? Number.NEGATIVE_INFINITY;
  const state = read === null ? "queued" : readState(read.run, parts);
  const ended = heard?.ended ?? null;
  if (isTerminalRunState(state)) {
    const isPartial = ended?.partial === true && ended.state === state && read !== null && isAbout(ended.at, read.run);
    return { state, partial: isPartial };
  }
  if (ended !== null && ended.at > readAt) return { state: ended.state, partial: ended.partial };
  if (goneAt !== null) return { state: "lost", partial: false };
  const isStarted = heard?.startedAt !== null && heard !== null && heard.startedAt > readAt;
  return { state: isStarted ? "running" : state, partial: false };
};

/** A run that was found gone is back when it is read later. */
const goneSince = (goneAt: number | null, read: RunReading | null): number | null =>
  goneAt !== null && read !== null && read.at > goneAt ? null : goneAt;

/**
 * What is known of a run after one more observation. The same record comes back when it tells nothing new.
 *
 * Observations may come in any order, late, and more than once: a reading counts if it was begun after the one we have;
 * a run leaves a terminal state only by a newer reading (clear, rerun, a state set by hand); what we merely hear moves a
 * run forward until the next reading. So after a reading that was begun after the engine's last change, the state is the
 * engine's own, except that a failure which we caused is called `cancelled`, an unfinished run that the engine has no
 * more `lost`, and a success whose tasks were all removed `failed`.
 */
export const mergeObservation = (known: RunRecord | null, news: RunObservation): RunRecord => {
  const { dagId, runId } = news;
  const before: Parts = known ?? { read: null, heard: null, stopped: null, hollow: null, goneAt: null };
  let { read, heard, stopped, hollow, goneAt } = before;
  switch (news.kind) {
    case "read":
      read = newerReading(read, { at: news.at, run: news.run });
      if (news.hollow === true) hollow = laterBeginning(hollow, news.run.startedAt);
      break;
    case "gone":
      goneAt = Math.max(goneAt ?? news.at, news.at);
      break;
    case "stopped":
      stopped = newerStop(stopped, { at: news.at, startedAt: news.startedAt });
      break;
    case "heard":
      heard = hear(heard, news);
      break;
    default:
      news satisfies never;
  }
  goneAt = goneSince(goneAt, read);
  const isSame =
    known !== null &&
    read === before.read &&
    heard === before.heard &&
    stopped === before.stopped &&
    hollow === before.hollow &&
    goneAt === before.goneAt;
  if (isSame) return known;
  const parts: Parts = { read, heard, stopped, hollow, goneAt };
  return { dagId, runId, ...parts, ...judge(parts) };
};
