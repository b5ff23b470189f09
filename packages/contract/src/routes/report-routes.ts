import { z } from "zod";
import { defineRoute, REPEATABLE_ERRORS } from "../route.ts";
import { RunKeyParams } from "../schemas/fleet-runs.ts";
import { InstanceAddress, page, PageQuery } from "../schemas/primitives.ts";
import {
  EventSourceBody,
  EventSourceParams,
  EventSourceView,
  ReceivedReportQuery,
  ReceivedReportView,
  ReceptionView,
  RejectedReportParams,
  RejectedReportView,
  ReportListQuery,
  ReportPage,
  ReportPost,
  ReportReceipt,
  RetryOutcomeView,
} from "../schemas/reports.ts";

const area = "Reports";
const SOURCE = "/api/v1/event-sources/{source}";
const REJECTED = "/api/v1/reports/rejected/{report}";
const versionErrors = ["VERSION_CONFLICT", "VERSION_MISSING"] as const;

const RECEIVING = [
  "What a message says of its run is taken as a hint and confirmed by reading the run. A message that was received before is a duplicate. One that cannot be used is kept among the rejected and stops nothing: the answer is 200 all the same, since sending it again would not help.",
  "Accepts the envelope of SNS (set the subscription's content type to `application/json`), the bare message, and arrays of either.",
].join("\n\n");

const bareMessage = {
  dag_id: "harvest_collection",
  dag_run_id: "manual__2026-11-20T03:00:00+00:00",
  dag_run_conf: { collection_id: "27414" },
  host: "https://airflow.example.org",
  rikolti_message: { dag_complete: true },
};

export const postReports = defineRoute({
  id: "postReports",
  method: "POST",
  path: "/api/v1/instances/{instance}/reports",
  area,
  summary: "Tell what happened to runs of an instance",
  description: RECEIVING,
  permission: "report:write",
  audited: true,
  params: InstanceAddress,
  body: ReportPost,
  response: ReportReceipt,
  errors: ["INSTANCE_UNKNOWN", ...REPEATABLE_ERRORS],
  example: { params: { instance: "eu-prod-1" }, body: bareMessage },
});

export const postSourceReports = defineRoute({
  id: "postSourceReports",
  method: "POST",
  path: `${SOURCE}/reports`,
  area,
  summary: "Tell what happened to runs of whatever instances the messages name by host",
  description: RECEIVING,
  permission: "report:write",
  audited: true,
  params: EventSourceParams,
  body: ReportPost,
  response: ReportReceipt,
  errors: ["DOCUMENT_UNKNOWN", ...REPEATABLE_ERRORS],
  example: { params: { source: "rikolti" }, body: bareMessage },
});

export const listRunReports = defineRoute({
  id: "listRunReports",
  method: "GET",
  path: "/api/v1/runs/{run}/reports",
  area,
  summary: "List what was said of a run, oldest first",
  permission: "report:read",
  params: RunKeyParams,
  query: ReportListQuery,
  response: ReportPage,
  errors: ["CURSOR_INVALID", "RUN_KEY_UNKNOWN"],
});

export const listReports = defineRoute({
  id: "listReports",
  method: "GET",
  path: "/api/v1/reports",
  area,
  summary: "List what was told of runs and could be kept, newest first, with what could not be used",
  description: "Repetitions are not kept, and posts whose signature was refused neither.",
  permission: "report:read",
  query: ReceivedReportQuery,
  response: page(ReceivedReportView),
  errors: ["CURSOR_INVALID", "INSTANCE_UNKNOWN"],
});

export const listRejectedReports = defineRoute({
  id: "listRejectedReports",
  method: "GET",
  path: "/api/v1/reports/rejected",
  area,
  summary: "List messages that could not be used, oldest first",
  permission: "report:read",
  query: z.strictObject(PageQuery),
  response: page(RejectedReportView),
  errors: ["CURSOR_INVALID"],
});

export const retryRejectedReport = defineRoute({
  id: "retryRejectedReport",
  method: "POST",
  path: `${REJECTED}/retry`,
  area,
  summary: "Try a rejected message again",
  permission: "report:write",
  audited: true,
  params: RejectedReportParams,
  response: ReceptionView,
  errors: ["REJECTED_REPORT_UNKNOWN"],
});

export const retryRejectedReports = defineRoute({
  id: "retryRejectedReports",
  method: "POST",
  path: "/api/v1/reports/rejected/retry",
  area,
  summary: "Try every rejected message again",
  permission: "report:write",
  audited: true,
  response: RetryOutcomeView,
  errors: [],
});

export const dropRejectedReport = defineRoute({
  id: "dropRejectedReport",
  method: "DELETE",
  path: REJECTED,
  area,
  summary: "Drop a rejected message",
  permission: "report:write",
  audited: true,
  params: RejectedReportParams,
  response: z.undefined(),
  status: 204,
  errors: ["REJECTED_REPORT_UNKNOWN"],
});

export const listEventSources = defineRoute({
  id: "listEventSources",
  method: "GET",
  path: "/api/v1/event-sources",
  area,
  summary: "List where messages about runs come from, and how reading them goes",
  permission: "webhook:read",
  response: page(EventSourceView),
  errors: [],
});

export const getEventSource = defineRoute({
  id: "getEventSource",
  method: "GET",
  path: SOURCE,
  area,
  summary: "Show an event source, with its version as ETag",
  permission: "webhook:read",
  params: EventSourceParams,
  response: EventSourceView,
  errors: ["DOCUMENT_UNKNOWN"],
});

export const putEventSource = defineRoute({
  id: "putEventSource",
  method: "PUT",
  path: SOURCE,
  area,
  summary: "Write an event source: a new one without If-Match, one that is there with the ETag that was last read",
  description:
    "A queue is read within seconds by one server of all. Keys are kept encrypted and never shown; left out, the present one stays.",
  permission: "webhook:write",
  audited: true,
  params: EventSourceParams,
  body: EventSourceBody,
  response: EventSourceView,
  errors: ["ADDRESS_REFUSED", "DOCUMENT_EXISTS", "DOCUMENT_UNKNOWN", ...versionErrors],
  example: {
    params: { source: "rikolti" },
    body: { type: "sqs", queue_url: "https://sqs.us-west-2.amazonaws.com/123456789012/rikolti-events" },
  },
});

export const deleteEventSource = defineRoute({
  id: "deleteEventSource",
  method: "DELETE",
  path: SOURCE,
  area,
  summary: "Remove an event source; what it brought stays",
  permission: "webhook:write",
  audited: true,
  params: EventSourceParams,
  response: z.undefined(),
  status: 204,
  errors: ["DOCUMENT_UNKNOWN", ...versionErrors],
});
