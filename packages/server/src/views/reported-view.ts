import type { RouteOutput, ROUTES } from "@airfleet/contract";
import type { ReportedRun } from "@airfleet/control";
import { toInstant } from "./instants.ts";

export const toReportedView = (reported: ReportedRun | null): RouteOutput<typeof ROUTES.getFleetRun>["reported"] => {
  if (reported === null) return null;
  const { reportedAt, cut, ...parts } = reported;
  return { ...parts, cut: [...cut], reported_at: toInstant(reportedAt) };
};
