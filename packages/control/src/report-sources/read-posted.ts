import { AirfleetError, type InstanceId, isAirfleetError, type RunReport } from "@airfleet/model";
import { readNativeReport } from "./read-native-report.ts";

/** A report as it was posted, with what it says or why it cannot be used. */
export type ReadItem = { readonly item: unknown } & (
  | { readonly report: RunReport }
  | { readonly error: AirfleetError }
);

/** Some seconds of a busy Airflow, and about a tenth of the largest body. */
const MOST_REPORTS = 500;

export const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The reports of a body: it is one, or holds several. @throws {AirfleetError} REQUEST_INVALID */
export const toItems = (body: unknown): readonly unknown[] => {
  if (!isFields(body)) throw new AirfleetError("REQUEST_INVALID", { summary: "body: it is no object" });
  if (!("reports" in body)) return [body];
  const { reports } = body;
  if (Array.isArray(reports) && reports.length >= 1 && reports.length <= MOST_REPORTS) return reports;
  throw new AirfleetError("REQUEST_INVALID", { summary: `body.reports: it must hold 1 to ${MOST_REPORTS} reports` });
};

/** The instance that a report says it is about. */
const namedBy = (item: unknown): string | undefined =>
  isFields(item) && typeof item["instance"] === "string" ? item["instance"] : undefined;

/** The instance that the first report of a body says it is about. */
export const firstNamed = (body: unknown): string | undefined => {
  const reports = isFields(body) ? body["reports"] : undefined;
  return namedBy(Array.isArray(reports) ? reports[0] : body);
};

/** Why a report is none that its sender may send; undefined when it is. */
export const foreignTo = (item: unknown, instance: InstanceId): AirfleetError | undefined => {
  const name = namedBy(item);
  if (name === undefined || name === instance) return undefined;
  return new AirfleetError("REPORT_WRONG_INSTANCE", { named: name.slice(0, 64), instance });
};

/** Reads one report of a sender who has proved to be the instance. */
export const readItem = (item: unknown, instance: InstanceId): ReadItem => {
  const error = foreignTo(item, instance);
  if (error !== undefined) return { item, error };
  try {
    return { item, report: readNativeReport(item) };
  } catch (thrown) {
    if (isAirfleetError(thrown)) return { item, error: thrown };
    throw thrown;
  }
};
