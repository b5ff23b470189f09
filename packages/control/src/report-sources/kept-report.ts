import type { InstanceId, RunReport } from "@airfleet/model";
import { readJson } from "../inbox/read-json.ts";
import { readOldReport } from "./read-old-report.ts";
import { isFields, readItem } from "./read-posted.ts";

/**
 * Under what reports of an instance itself are listed: by whether they were signed. Neither can be the name of an event
 * source.
 */
export const REPORT_ORIGINS = { signed: "report:signed", unsigned: "report:unsigned" } as const;

/** Whether a kept message is a report that its instance had signed. */
export const isSignedOrigin = (source: string): boolean => source === REPORT_ORIGINS.signed;

/** An older report as it is kept: what it means depends on where it was posted, and on the zone of its dates. */
export interface KeptOldReport {
  readonly path: string;
  readonly time_zone: string;
  readonly payload: unknown;
}

const isOld = (value: unknown): value is KeptOldReport =>
  isFields(value) && typeof value["path"] === "string" && typeof value["time_zone"] === "string" && "payload" in value;

/**
 * Reads a report that could not be used when it came.
 *
 * @throws {AirfleetError} REPORT_INVALID, REPORT_FORMAT_UNKNOWN, REPORT_WRONG_INSTANCE, REPORT_UNREADABLE,
 *   REPORT_TOO_LARGE: it still cannot
 */
export const readKeptReport = (text: string, instance: InstanceId): RunReport => {
  const kept = readJson(text);
  if (isOld(kept)) return readOldReport({ path: kept.path, claims: kept.payload, timeZone: kept.time_zone });
  const read = readItem(kept, instance);
  if ("error" in read) throw read.error;
  return read.report;
};
