import type { MissedPolicy, ScheduleFrequency, ScheduleTimes } from "@airfleet/model";

/** A JSON object of somebody else's keys. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** What people say of a schedule; what is absent stays, or takes its default in a new one. */
export interface ScheduleRequest {
  readonly name?: string;
  readonly description?: string | null;
  readonly frequency?: ScheduleFrequency;
  readonly timeZone?: string;
  readonly startDate?: string | null;
  readonly endDate?: string | null;
  readonly times?: Partial<ScheduleTimes>;
  readonly missed?: MissedPolicy;
  readonly instance?: string | null;
  readonly environment?: string | null;
  readonly params?: JsonObject;
  readonly isActive?: boolean;
  /** What older clients keep with it. */
  readonly kept?: JsonObject;
}
