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
  /** A write with a stale fencing token was refused. */
  fenced(what: string): void;
}

const nothing = (): void => undefined;

/** Counts nothing. */
export const noMetrics: Metrics = { polled: nothing, acted: nothing, fenced: nothing };
