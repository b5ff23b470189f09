import type { SmtpSettings } from "./alerts/mailer.ts";
import type { LogSettings } from "./logs/log-archiver.ts";
import type { TriggerKeep } from "./triggers/trigger-retention.ts";

/** What decides how the use cases and reconcilers behave; all of it has a default. Times in milliseconds. */
export interface ControlSettings {
  /** Whether this process reads the instances by itself. Taking over actions and sequencing go on without. */
  readonly poll: boolean;
  /** Least seconds between two sweeps over a DAG list, where the instance's own limits say nothing. */
  readonly sweepSeconds: number | undefined;
  /** How long a piece of work is somebody's before others may take it. */
  readonly leaseMs: number;
  /** How often a lease is prolonged. */
  readonly heartbeatMs: number;
  /** How long a pipeline that is executed may take until its version is ready. */
  readonly executionReadyMs: number;
  /** How long an action that nobody waits for is tried again. */
  readonly retryForMs: number;
  /** How long triggers are kept after their end. */
  readonly keepTriggers: TriggerKeep;
  /** Said in the note of every run that is triggered through the API; absent, notes stay as given. */
  readonly projectName: string | undefined;
  /** Parts of key names whose values are taken out of audit rows and actions, besides the built-in ones. */
  readonly secretKeys: readonly string[];
  /** How long finished actions are kept; the audit trail is kept for ever. */
  readonly keepActionsMs: number;
  /** How long a DAG that an instance no longer has is remembered. */
  readonly keepGoneDagsMs: number;
  readonly keepEventsMs: number;
  /** How long messages about runs are kept, those too that could not be used. */
  readonly keepReportsMs: number;
  /** How far back the runs of an instance are read that is new to us, and how many of them at most; 0 is none. */
  readonly historyDays: number;
  readonly historyRuns: number;
  /** Newest events that are kept at most. */
  readonly keepEvents: number;
  /** How long what was delivered, or could not be, is remembered. */
  readonly keepDeliveriesMs: number;
  /** How long resolved alerts are remembered. */
  readonly keepAlertsMs: number;
  /** How often alert rules are judged. */
  readonly alertsEveryMs: number;
  /** Private receivers that may be called, as `network.allow`. */
  readonly networkAllow: readonly string[];
  /** Where mail is handed in; null when none can be sent. */
  readonly smtp: SmtpSettings | null;
  readonly logs: LogSettings;
}

const DAY_MS = 86_400_000;

export const DEFAULT_SETTINGS: ControlSettings = {
  poll: true,
  sweepSeconds: undefined,
  leaseMs: 30_000,
  heartbeatMs: 10_000,
  executionReadyMs: 1_800_000,
  retryForMs: 15 * 60_000,
  keepTriggers: 30 * DAY_MS,
  projectName: undefined,
  secretKeys: [],
  keepActionsMs: 90 * DAY_MS,
  keepGoneDagsMs: 30 * DAY_MS,
  keepEventsMs: 7 * DAY_MS,
  keepReportsMs: 90 * DAY_MS,
  historyDays: 7,
  historyRuns: 10_000,
  keepEvents: 200_000,
  keepDeliveriesMs: 14 * DAY_MS,
  keepAlertsMs: 90 * DAY_MS,
  alertsEveryMs: 10_000,
  networkAllow: [],
  smtp: null,
  logs: { archive: "failed", maxTryBytes: 10_000_000, maxTotalBytes: 2_000_000_000 },
};
