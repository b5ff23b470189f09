import type { InstanceId, ReportFormat } from "@airfleet/model";

/** What became of one report, or why a post was turned away, as it is shown to people who look on. */
export interface Arrival {
  /** Counts up, within one server process. */
  readonly seq: number;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly outcome: "accepted" | "duplicate" | "rejected" | "refused";
  /** Null when the sender named none that there is. */
  readonly instance: InstanceId | null;
  readonly format: ReportFormat | null;
  readonly dagId: string | null;
  readonly runId: string | null;
  readonly taskId: string | null;
  /** Of the task if there is one, else of the run. */
  readonly state: string | null;
  readonly code: string | null;
  readonly detail: string | null;
  readonly ip: string;
}

/** How reports of one instance have fared since this process started. */
export interface ReceptionCounts {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: number;
  readonly refused: number;
  /** When the last one was accepted, epoch milliseconds. */
  readonly acceptedAt: number | null;
  /** The last ones that were turned away, newest first. */
  readonly refusals: readonly Arrival[];
}

/** Remembers, in memory and bounded, what came last. */
export interface ReceptionLog {
  /** Tells this process from others, and from its own earlier life. */
  readonly server: string;
  add(arrivals: readonly Omit<Arrival, "at" | "seq">[], at: number): void;
  counts(instance: InstanceId): ReceptionCounts;
  /** What came after a place in the order, oldest first; undefined for the last ones that are kept. */
  after(seq: number | undefined): readonly Arrival[];
}

/** What somebody who looks once a second may see of a burst. */
const MOST_ARRIVALS = 1_000;
const MOST_REFUSALS = 20;

const NONE: ReceptionCounts = { accepted: 0, duplicates: 0, rejected: 0, refused: 0, acceptedAt: null, refusals: [] };

const COUNTED = { accepted: "accepted", duplicate: "duplicates", rejected: "rejected", refused: "refused" } as const;

export const createReceptionLog = (server: string): ReceptionLog => {
  const recent: Arrival[] = [];
  const byInstance = new Map<InstanceId, ReceptionCounts>();
  let seq = 0;

  const count = (arrival: Arrival, instance: InstanceId): void => {
    const before = byInstance.get(instance) ?? NONE;
    const key = COUNTED[arrival.outcome];
    byInstance.set(instance, {
      ...before,
      [key]: before[key] + 1,
      ...(arrival.outcome === "accepted" && { acceptedAt: arrival.at }),
      ...(arrival.outcome === "refused" && { refusals: [arrival, ...before.refusals].slice(0, MOST_REFUSALS) }),
    });
  };

  return {
    server,
    add(arrivals, at) {
      for (const given of arrivals) {
        seq += 1;
        const arrival = { ...given, seq, at };
        recent.push(arrival);
        if (arrival.instance !== null) count(arrival, arrival.instance);
      }
      // Twice as many may stand there, so that the list is not copied for each.
      if (recent.length > 2 * MOST_ARRIVALS) recent.splice(0, recent.length - MOST_ARRIVALS);
    },
    counts: (instance) => byInstance.get(instance) ?? NONE,
    after: (from) => recent.slice(-MOST_ARRIVALS).filter((arrival) => from === undefined || arrival.seq > from),
  };
};
