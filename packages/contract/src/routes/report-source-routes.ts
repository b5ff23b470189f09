import { z } from "zod";
import { defineRoute } from "../route.ts";
import { InstanceAddress, page } from "../schemas/primitives.ts";
import {
  ReportArrivalsQuery,
  ReportArrivalsView,
  ReportDelivery,
  ReportDeliveryReceipt,
  ReportSourceBody,
  ReportSourceView,
} from "../schemas/report-sources.ts";

const area = "Reports";
const SOURCE = "/api/v1/report-sources/{instance}";
const versionErrors = ["VERSION_CONFLICT", "VERSION_MISSING"] as const;

export const sendReports = defineRoute({
  id: "sendReports",
  method: "POST",
  path: "/api/v1/reports",
  area,
  summary: "Report what happens to runs of the instance that signs",
  description: [
    "For Airflow itself, not for API tokens. `Authorization: Bearer` carries a JWS made for this very body: header `{alg, kid, typ: JWT}`, claims `{iss: <instance>, aud: airfleet, iat, exp (at most 300 s later), jti, body_sha256: base64url(SHA-256 of the body)}`. Without one only where the instance's report source allows unsigned reports.",
    "What is accepted is kept before the answer. A report that cannot be used is rejected by itself; one whose `event_id` is known is a duplicate. After `REPORT_TOKEN_EXPIRED` or `REPORT_TOKEN_NOT_YET_VALID` the `Date` header says what time it is here: sign anew and send again.",
  ].join("\n\n"),
  permission: "public",
  proof: "signature",
  body: ReportDelivery,
  response: ReportDeliveryReceipt,
  status: 202,
  errors: [
    "REPORTS_BUSY",
    "REPORT_BODY_CHANGED",
    "REPORT_KEYS_UNAVAILABLE",
    "REPORT_SIGNATURE_INVALID",
    "REPORT_TOKEN_EXPIRED",
    "REPORT_TOKEN_INVALID",
    "REPORT_TOKEN_NOT_YET_VALID",
    "REPORT_TOO_LARGE",
    "REPORT_UNREADABLE",
    "REPORT_UNSIGNED",
    "REPORT_WRONG_INSTANCE",
  ],
  example: {
    body: {
      version: 1,
      event_id: "01jd6q4c9n3v",
      instance: "eu-prod-1",
      dag_id: "orders_daily",
      dag_run_id: "scheduled__2026-11-20T03:00:00+00:00",
      origin: "listener",
      sent_at: "2026-11-20T03:04:05.120Z",
      run: { state: "success", ended_at: "2026-11-20T03:04:05.020Z" },
    },
  },
});

export const listReportArrivals = defineRoute({
  id: "listReportArrivals",
  method: "GET",
  path: "/api/v1/reports/arrivals",
  area,
  summary: "List the last reports that reached this server, those too that were refused, oldest first",
  description:
    "Kept in memory by the server that answers, the last thousand: for looking on while a sender is set up. What was accepted is with its run.",
  permission: "report:read",
  query: ReportArrivalsQuery,
  response: ReportArrivalsView,
  errors: ["INSTANCE_UNKNOWN"],
});

export const listReportSources = defineRoute({
  id: "listReportSources",
  method: "GET",
  path: "/api/v1/report-sources",
  area,
  summary: "List which instances may report, and how their reports are believed",
  permission: "token:read",
  response: page(ReportSourceView),
  errors: [],
});

export const getReportSource = defineRoute({
  id: "getReportSource",
  method: "GET",
  path: SOURCE,
  area,
  summary: "Show how reports of an instance are believed, with its version as ETag",
  permission: "token:read",
  params: InstanceAddress,
  response: ReportSourceView,
  errors: ["DOCUMENT_UNKNOWN", "INSTANCE_UNKNOWN"],
});

export const putReportSource = defineRoute({
  id: "putReportSource",
  method: "PUT",
  path: SOURCE,
  area,
  summary: "Say how reports of an instance are believed: anew without If-Match, else with the ETag that was last read",
  description:
    "A source with keys takes what they signed and nothing else. Keys that protect nothing are refused, and so is `unsigned: allow` beside keys. Several keys may be valid at a time, so that they can be changed without a gap. Shared secrets are kept encrypted and never shown; left out, the present one of the same `key_id` stays.",
  permission: "token:write",
  audited: true,
  params: InstanceAddress,
  body: ReportSourceBody,
  response: ReportSourceView,
  errors: [
    "ADDRESS_REFUSED",
    "DOCUMENT_EXISTS",
    "DOCUMENT_UNKNOWN",
    "INSTANCE_UNKNOWN",
    "REPORT_BARE_PATHS_TAKEN",
    "REPORT_KEY_REFUSED",
    ...versionErrors,
  ],
  example: {
    params: { instance: "eu-prod-1" },
    body: {
      keys: [
        {
          type: "public",
          key_id: "2026",
          algorithm: "EdDSA",
          public_key:
            "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----",
        },
      ],
    },
  },
});

export const deleteReportSource = defineRoute({
  id: "deleteReportSource",
  method: "DELETE",
  path: SOURCE,
  area,
  summary: "Take no reports of an instance any more; what it reported stays",
  permission: "token:write",
  audited: true,
  params: InstanceAddress,
  response: z.undefined(),
  status: 204,
  errors: ["DOCUMENT_UNKNOWN", "INSTANCE_UNKNOWN", ...versionErrors],
});
