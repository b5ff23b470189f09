import type { RouteOutput, ROUTES } from "@airfleet/contract";
import type { KeptEventSource, Reception } from "@airfleet/control";
import type { Arrival, StoredRejectedReport, StoredReport } from "@airfleet/store";
import { toInstant, toInstantOrNull } from "./instants.ts";

type ReceiptView = RouteOutput<typeof ROUTES.postReports>;
type ReceptionItem = ReceiptView["items"][number];

const NOTHING = {
  instance: null,
  dag_id: null,
  dag_run_id: null,
  run: null,
  kind: null,
  rejected_id: null,
  code: null,
  detail: null,
} as const;

export const toReceptionView = (reception: Reception): ReceptionItem => {
  if (reception.outcome === "rejected") {
    const { id, error } = reception;
    return { ...NOTHING, outcome: "rejected", rejected_id: id, code: error.code, detail: error.message };
  }
  const { outcome, instance, dagId, runId, run, kind } = reception;
  return { ...NOTHING, outcome, instance, dag_id: dagId, dag_run_id: runId, run, kind };
};

export const toReceiptView = (receptions: readonly Reception[]): ReceiptView => {
  const count = (outcome: Reception["outcome"]): number => receptions.filter((one) => one.outcome === outcome).length;
  return {
    items: receptions.map(toReceptionView),
    accepted: count("accepted"),
    duplicates: count("duplicate"),
    rejected: count("rejected"),
  };
};

export const toReportView = (report: StoredReport): RouteOutput<typeof ROUTES.listRunReports>["items"][number] => ({
  id: report.id,
  source: report.source,
  format: report.format,
  kind: report.kind,
  run_state: report.runState,
  task_id: report.taskId,
  try_number: report.tryNumber,
  map_index: report.mapIndex,
  message: report.isCut ? report.message : (JSON.parse(report.message) as unknown),
  message_cut: report.isCut,
  error: report.isError,
  sent_at: toInstant(report.sentAt),
  received_at: toInstant(report.receivedAt),
});

export const toReceivedReportView = (arrival: Arrival): RouteOutput<typeof ROUTES.listReports>["items"][number] => ({
  id: arrival.id,
  outcome: arrival.outcome,
  source: arrival.source,
  instance: arrival.instance,
  run: arrival.run,
  dag_id: arrival.dagId,
  dag_run_id: arrival.runId,
  format: arrival.format,
  kind: arrival.kind,
  run_state: arrival.runState,
  task_id: arrival.taskId,
  try_number: arrival.tryNumber,
  map_index: arrival.mapIndex,
  error: arrival.isError,
  code: arrival.reasonCode,
  detail: arrival.reason,
  sent_at: toInstantOrNull(arrival.sentAt),
  received_at: toInstant(arrival.receivedAt),
});

export const toRejectedView = (
  report: StoredRejectedReport,
): RouteOutput<typeof ROUTES.listRejectedReports>["items"][number] => ({
  id: report.id,
  source: report.source,
  instance: report.instance,
  code: report.reasonCode,
  detail: report.reason,
  body: report.body,
  body_cut: report.isCut,
  tries: report.tries,
  received_at: toInstant(report.receivedAt),
});

export const toEventSourceView = ({
  id,
  source,
  version,
  createdAt,
  updatedAt,
  state,
}: KeptEventSource): RouteOutput<typeof ROUTES.getEventSource> => {
  const queue = source.type === "sqs" ? source : undefined;
  const credentials = queue?.credentials;
  return {
    id,
    type: source.type,
    enabled: source.enabled,
    instance: source.instance ?? null,
    hosts: { ...source.hosts },
    queue_url: queue?.queue_url ?? null,
    region: queue?.region ?? null,
    endpoint: queue?.endpoint ?? null,
    credentials: credentials?.type ?? null,
    access_key_id: credentials?.type === "keys" ? credentials.access_key_id : null,
    wait_seconds: queue?.wait_seconds ?? null,
    visibility_seconds: queue?.visibility_seconds ?? null,
    reading: queue === undefined ? null : (state?.isReading ?? false),
    received: state?.received ?? 0,
    rejected: state?.rejected ?? 0,
    received_at: state?.receivedAt === null || state === null ? null : toInstant(state.receivedAt),
    error: state?.error?.message ?? null,
    error_at: state?.error === null || state === null ? null : toInstant(state.error.at),
    version,
    created_at: toInstant(createdAt),
    updated_at: toInstant(updatedAt),
  };
};
