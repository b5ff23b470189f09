import type { RouteOutput, ROUTES } from "@airfleet/contract";
import type { MatrixRow, Overview } from "@airfleet/control";
import { toStatusView } from "./instance-view.ts";
import { toInstantOrNull } from "./instants.ts";

type OverviewBody = RouteOutput<typeof ROUTES.getOverview>;
type MatrixBody = RouteOutput<typeof ROUTES.getMatrix>;

export const toOverviewView = ({ instances, wrong, wrongTotal }: Overview): OverviewBody => ({
  instances: instances.map(({ instance, queued, running, wrong: count }) => ({
    id: instance.id,
    name: instance.name,
    tier: instance.tier,
    engine: instance.engine,
    enabled: instance.enabled,
    status: toStatusView(instance.status),
    queued,
    running,
    wrong: count,
  })),
  wrong: wrong.map(({ kind, instance, tier, dagId, file, run, count, since, reason }) => ({
    kind,
    instance,
    tier,
    dag_id: dagId,
    file,
    run,
    count,
    since: toInstantOrNull(since),
    reason,
  })),
  wrong_total: wrongTotal,
});

export const toMatrixRow = ({ dagId, tags, cells }: MatrixRow): MatrixBody["items"][number] => ({
  dag_id: dagId,
  tags: [...tags],
  cells: Object.fromEntries(
    cells.map(({ instance, state, isPaused, isBroken, failures }) => [
      instance,
      {
        state,
        ...(isPaused && { paused: true as const }),
        ...(isBroken && { broken: true as const }),
        ...(failures > 0 && { failures }),
      },
    ]),
  ),
});
