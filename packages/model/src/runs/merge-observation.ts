import { isTerminalRunState, type RunState } from "../states/run-state.ts";
import type { Run } from "../work/run.ts";
import type { RunHearsay, RunObservation, RunReading, RunRecord } from "./run-record.ts";

const ADVANCE = { queued: 0, running: 1, lost: 2, success: 3, cancelled: 4, failed: 5 } as const satisfies Record<
  RunState,
  number
>;

/** Decides between two readings of the same millisecond, by their content, so that both orders give the same. */
const isAhead = (left: RunReading, right: RunReading): boolean => {
  const difference = ADVANCE[left.run.state] - ADVANCE[right.run.state];
  if (difference !== 0) return difference > 0;
  if (left.hollow !== right.hollow) return left.hollow;
  return JSON.stringify(left.run) > JSON.stringify(right.run);
};

const newerReading = (known: RunReading | null, reading: RunReading): RunReading => {
  if (known === null || reading.at > known.at) return reading;
  return reading.at === known.at && isAhead(reading, known) ? reading : known;
};

type Heard = Extract<RunObservation, { readonly kind: "heard" }>;

const NOTHING_HEARD: RunHearsay = { startedAt: null, ended: null, logicalDate: null, conf: null };

const hear = (known: RunHearsay | null, news: Heard): RunHearsay => {
  const { startedAt, ended, logicalDate, conf } = known ?? NOTHING_HEARD;
  const facts = { logicalDate: logicalDate ?? news.logicalDate ?? null, conf: conf ?? news.conf ?? null };
  const isSameFacts = known !== null && facts.logicalDate === logicalDate && facts.conf === conf;
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

type Parts = Pick<RunRecord, "read" | "heard" | "stopped" | "goneAt">;

/** What the engine's answer means: a failure of the attempt that we stopped is a cancellation, a success without tasks none. */
const readState = (run: Run, { hollow }: RunReading, stopped: RunRecord["stopped"]): RunState => {
  if (run.state === "failed" && stopped !== null && stopped.startedAt === run.startedAt) return "cancelled";
  return run.state === "success" && hollow ? "failed" : run.state;
};

const judge = ({ read, heard, stopped, goneAt }: Parts): Pick<RunRecord, "state" | "partial"> => {
  const readAt = read?.at ?? Number.NEGATIVE_INFINITY;
  const state = read === null ? "queued" : readState(read.run, read, stopped);
  const ended = heard?.ended ?? null;
  const partial = ended?.partial === true && (ended.state === state || read === null);
  if (isTerminalRunState(state)) return { state, partial };
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
  const before: Parts = known ?? { read: null, heard: null, stopped: null, goneAt: null };
  let { read, heard, stopped, goneAt } = before;
  switch (news.kind) {
    case "read":
      read = newerReading(read, { at: news.at, run: news.run, hollow: news.hollow ?? false });
      break;
    case "gone":
      goneAt = Math.max(goneAt ?? news.at, news.at);
      break;
    case "stopped":
      if (stopped === null || news.at > stopped.at) stopped = { at: news.at, startedAt: news.startedAt };
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
    goneAt === before.goneAt;
  if (isSame) return known;
  const parts: Parts = { read, heard, stopped, goneAt };
  return { dagId, runId, ...parts, ...judge(parts) };
};
