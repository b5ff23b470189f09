import type { RouteOutput, ROUTES } from "@airfleet/contract";
import type { Arrival, KeptReportSource, ReportReceipt } from "@airfleet/control";
import { toInstant } from "./instants.ts";

type SourceView = RouteOutput<typeof ROUTES.getReportSource>;
type DeliveryReceipt = RouteOutput<typeof ROUTES.sendReports>;

export const toDeliveryReceiptView = (receipts: readonly ReportReceipt[]): DeliveryReceipt => {
  const count = (outcome: ReportReceipt["outcome"]): number =>
    receipts.filter((receipt) => receipt.outcome === outcome).length;
  return {
    accepted: count("accepted"),
    duplicates: count("duplicate"),
    rejected: count("rejected"),
    items: receipts.map((receipt) =>
      receipt.outcome === "rejected"
        ? {
            event_id: receipt.eventId,
            outcome: receipt.outcome,
            run: null,
            code: receipt.error.code,
            detail: receipt.error.message,
          }
        : { event_id: receipt.eventId, outcome: receipt.outcome, run: receipt.run, code: null, detail: null },
    ),
  };
};

export const toArrivalView = (arrival: Arrival): SourceView["refusals"][number] => ({
  seq: arrival.seq,
  at: toInstant(arrival.at),
  outcome: arrival.outcome,
  instance: arrival.instance,
  format: arrival.format,
  dag_id: arrival.dagId,
  dag_run_id: arrival.runId,
  task_id: arrival.taskId,
  state: arrival.state,
  code: arrival.code,
  detail: arrival.detail,
  ip: arrival.ip,
});

export const toReportSourceView = (kept: KeptReportSource): SourceView => {
  const { terms, counts } = kept;
  return {
    instance: kept.instance,
    enabled: terms.enabled,
    unsigned: terms.unsigned,
    keys: terms.keys.map((key) => ({
      key_id: key.key_id,
      type: key.type,
      algorithm: key.algorithm,
      public_key: key.type === "public" ? key.public_key : null,
      not_before: key.not_before ?? null,
      not_after: key.not_after ?? null,
    })),
    jwks:
      terms.jwks === undefined
        ? null
        : { url: terms.jwks.url, algorithms: [...terms.jwks.algorithms], error: kept.keysError },
    bare_paths: terms.bare_paths,
    time_zone: terms.time_zone,
    accepted: counts.accepted,
    duplicates: counts.duplicates,
    rejected: counts.rejected,
    refused: counts.refused,
    accepted_at: counts.acceptedAt === null ? null : toInstant(counts.acceptedAt),
    refusals: counts.refusals.map(toArrivalView),
    version: kept.version,
    created_at: toInstant(kept.createdAt),
    updated_at: toInstant(kept.updatedAt),
  };
};
