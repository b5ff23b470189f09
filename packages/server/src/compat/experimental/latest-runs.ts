import { type ExperimentalContext, type ExperimentalRoute } from "./experimental-route.ts";
import { dateOf } from "./find-run.ts";
import { toListed } from "./run-routes.ts";

interface Latest {
  readonly dagId: string;
  readonly runId: string;
  readonly date: string;
  readonly startedAt: string | null;
}

/** The newest run of every DAG that we have seen one of. */
const remembered = async ({ control, instance }: ExperimentalContext): Promise<readonly Latest[]> => {
  const found: Latest[] = [];
  let after: string | undefined;
  do {
    const page = await control.fleet.listDags({
      instances: [instance.id],
      limit: 1_000,
      ...(after === undefined ? {} : { after }),
    });
    for (const { dagId, cells } of page.items) {
      const last = cells[0]?.lastRun;
      const date = last?.logicalDate ?? last?.startedAt;
      if (last !== undefined && last !== null && typeof date === "string") {
        found.push({ dagId, runId: last.runId, date, startedAt: last.startedAt });
      }
    }
    after = page.next ?? undefined;
  } while (after !== undefined);
  return found;
};

/** Those that were made last, as the instance tells now: a caller looks for the run that it has just started. */
const newest = async ({ control, instance, reading }: ExperimentalContext): Promise<readonly Latest[]> => {
  const { items } = await control.live.runs(instance.id, { limit: 100 }, reading);
  return items.flatMap((run) => {
    const date = dateOf(run);
    return date === null ? [] : [{ dagId: run.dagId, runId: run.runId, date, startedAt: run.startedAt }];
  });
};

const latestRuns = async (context: ExperimentalContext): Promise<object> => {
  const latest = new Map<string, Latest>();
  for (const one of [...(await remembered(context)), ...(await newest(context))]) {
    const known = latest.get(one.dagId);
    if (known === undefined || Date.parse(one.date) >= Date.parse(known.date)) latest.set(one.dagId, one);
  }
  const rows = [...latest.values()].sort((left, right) => (left.dagId < right.dagId ? -1 : 1));
  return { items: rows.map((one) => toListed(context.instance, one)) };
};

export const latestRunsRoute: ExperimentalRoute = {
  method: "GET",
  path: "/latest_runs",
  permission: "run:read",
  answer: latestRuns,
};
