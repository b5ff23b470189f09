import type { Control, Metrics } from "@airfleet/control";
import { createLogMetrics } from "./log-metrics.ts";
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

/** The numbers that `/metrics` answers. */
export interface ServerMetrics extends Metrics {
  readonly contentType: string;
  print(): Promise<string>;
  /** One answered request. `route` is the pattern, never the path, so that labels stay bounded. */
  answered(request: {
    readonly method: string;
    readonly route: string;
    readonly status: number;
    readonly seconds: number;
  }): void;
  /** A request that was turned away at the door. */
  refused(code: string): void;
  /** One request to an instance. */
  exchanged(
    instance: string,
    exchange: {
      readonly method: string;
      readonly route: string;
      readonly outcome: string;
      readonly durationMs: number;
    },
  ): void;
  /** What reconcilers count. */
  polled(reading: {
    readonly instance: string;
    readonly feed: string;
    readonly ok: boolean;
    readonly durationMs: number;
  }): void;
  acted(action: { readonly verb: string; readonly state: string; readonly durationMs: number }): void;
  reported(report: { readonly instance: string; readonly outcome: string; readonly code: string }): void;
  forgot(records: { readonly what: "run"; readonly count: number }): void;
  fenced(what: string): void;
  /** Shows each instance's breaker from now on. */
  watch(control: Pick<Control, "instances">): void;
}

const BREAKER_NUMBERS = { closed: 0, half_open: 1, open: 2 } as const;
const REQUEST_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export const createMetrics = (version: string): ServerMetrics => {
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register });
  new Gauge({ name: "build_info", help: "Version of this server", labelNames: ["version", "node"], registers }).set(
    { version, node: process.version },
    1,
  );
  const requests = new Histogram({
    name: "http_server_request_duration_seconds",
    help: "Time from the request's arrival to the end of its answer",
    labelNames: ["method", "route", "status"],
    buckets: REQUEST_BUCKETS,
    registers,
  });
  const refusals = new Counter({
    name: "http_server_refused_total",
    help: "Requests turned away before they reached a route",
    labelNames: ["code"],
    registers,
  });
  const exchanges = new Histogram({
    name: "instance_request_duration_seconds",
    help: "One request to an instance, until its headers came",
    labelNames: ["instance", "method", "route", "code"],
    buckets: REQUEST_BUCKETS,
    registers,
  });
  const polls = new Histogram({
    name: "instance_poll_duration_seconds",
    help: "One reading of an instance's feed",
    labelNames: ["instance", "feed", "ok"],
    buckets: REQUEST_BUCKETS,
    registers,
  });
  const actions = new Histogram({
    name: "action_duration_seconds",
    help: "From the recording of a write to its end",
    labelNames: ["verb", "state"],
    buckets: REQUEST_BUCKETS,
    registers,
  });
  const fences = new Counter({
    name: "jobs_fenced_total",
    help: "Writes with a stale fencing token that were refused",
    labelNames: ["what"],
    registers,
  });
  const reports = new Counter({
    name: "reports_total",
    help: "Reports of instances, by what became of them; refused: their signature was not good",
    labelNames: ["instance", "outcome", "code"],
    registers,
  });
  const forgotten = new Counter({
    name: "retention_removed_total",
    help: "Records of ours that retention dropped",
    labelNames: ["what"],
    registers,
  });
  return {
    ...createLogMetrics(registers),
    contentType: register.contentType,
    print: () => register.metrics(),
    answered: ({ method, route, status, seconds }) =>
      requests.observe({ method, route, status: String(status) }, seconds),
    refused: (code) => refusals.inc({ code }),
    exchanged: (instance, { method, route, outcome, durationMs }) =>
      exchanges.observe({ instance, method, route, code: outcome }, durationMs / 1_000),
    polled: ({ instance, feed, ok, durationMs }) =>
      polls.observe({ instance, feed, ok: String(ok) }, durationMs / 1_000),
    acted: ({ verb, state, durationMs }) => actions.observe({ verb, state }, durationMs / 1_000),
    reported: ({ instance, outcome, code }) => reports.inc({ instance, outcome, code }),
    forgot: ({ what, count }) => forgotten.inc({ what }, count),
    fenced: (what) => fences.inc({ what }),
    watch: (control) => {
      register.registerMetric(
        new Gauge({
          name: "instance_breaker_state",
          help: "0 closed, 1 half open, 2 open: the instance is left alone",
          labelNames: ["instance"],
          registers: [],
          collect() {
            this.reset();
            for (const { id, status } of control.instances.list()) {
              this.set({ instance: id }, BREAKER_NUMBERS[status.breaker]);
            }
          },
        }),
      );
    },
  };
};
