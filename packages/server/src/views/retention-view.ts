import type { RouteOutput, ROUTES } from "@airfleet/contract";
import type { KeptRetentionPolicy, RetentionPreview, SweepProgress, SweepReport } from "@airfleet/control";
import { toInstant } from "./instants.ts";

export const toPolicyView = ({
  id,
  version,
  policy,
  createdAt,
  updatedAt,
}: KeptRetentionPolicy): RouteOutput<typeof ROUTES.getRetentionPolicy> => ({
  id,
  version,
  policy,
  created_at: toInstant(createdAt),
  updated_at: toInstant(updatedAt),
});

export const toPreviewView = (preview: RetentionPreview): RouteOutput<typeof ROUTES.previewRetention> => ({
  looked_at: preview.lookedAt,
  is_partial: preview.isPartial,
  would_go: preview.wouldGo,
  by_policy: { ...preview.byPolicy },
  samples: preview.samples.map((candidate) => ({
    run: candidate.key,
    instance: candidate.instance,
    dag_id: candidate.dagId,
    dag_run_id: candidate.runId,
    state: candidate.state,
    due_at: toInstant(candidate.dueAt),
    reasons: candidate.reasons.map(({ policy, subject }) => ({
      policy,
      subject: subject === null ? null : { type: subject.type, id: subject.id },
    })),
    reasons_total: candidate.reasonsTotal,
  })),
});

export const toSweepStatusView = (
  report: SweepReport | null,
  running: SweepProgress | null,
): RouteOutput<typeof ROUTES.getRetentionStatus> => ({
  running_sweep:
    running === null
      ? null
      : {
          started_at: toInstant(running.startedAt),
          noted_at: toInstant(running.notedAt),
          looked_at: running.lookedAt,
          removed: running.removed,
        },
  last_sweep:
    report === null
      ? null
      : {
          started_at: toInstant(report.startedAt),
          finished_at: toInstant(report.finishedAt),
          looked_at: report.lookedAt,
          removed: report.removed,
        },
});
