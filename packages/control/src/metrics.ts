/** What reconcilers count. Labels are bounded: instances and feeds, never run ids. */
export interface Metrics {
  /** One reading of an instance's feed: how long it took, and whether it worked. */
  polled(reading: {
    readonly instance: string;
    readonly feed: string;
    readonly ok: boolean;
    readonly durationMs: number;
  }): void;
  /** An action reached its end. */
  acted(action: { readonly verb: string; readonly state: string; readonly durationMs: number }): void;
  /** A try's log was kept, was not to be had, was put off because the instance could not be asked, or was given up. */
  logArchived(outcome: "kept" | "absent" | "put_off" | "given_up"): void;
  /** A report of an instance was taken in, or was not; `instance` is empty for a sender that named none that there is. */
  reported(report: { readonly instance: string; readonly outcome: string; readonly code: string }): void;
  /** Archived logs were dropped to make room. */
  logsEvicted(count: number): void;
  /** What all archived logs take in the store. */
  logArchiveSize(bytes: number): void;
  /** Records of ours were dropped by retention. */
  forgot(records: { readonly what: "run"; readonly count: number }): void;
  /** A write with a stale fencing token was refused. */
  fenced(what: string): void;
}

const nothing = (): void => undefined;

/** Counts nothing. */
export const noMetrics: Metrics = {
  polled: nothing,
  acted: nothing,
  reported: nothing,
  forgot: nothing,
  fenced: nothing,
  logArchived: nothing,
  logsEvicted: nothing,
  logArchiveSize: nothing,
};
