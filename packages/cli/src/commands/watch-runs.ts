import { setTimeout as pause } from "node:timers/promises";
import type { FleetRun } from "../fleet/find-fleet-run.ts";
import { parseClients } from "../fleet/choose-instances.ts";
import { toSecondsText } from "../output/instant-text.ts";
import { toPlainLine } from "../output/plain-text.ts";
import type { Session } from "../session/session.ts";
import { readFleetRuns } from "./fleet-runs.ts";
import type { RunFilters } from "./run-filters.ts";

/** Should the stream of events have begun too late, or have told of less than is asked for. */
const LOOK_AGAIN_MS = 5_000;
/** What comes within this time after a look is looked at together. */
const GATHER_MS = 500;

const toLine = ({ changed_at: at, instance, dag_id: dag, dag_run_id: run, state }: FleetRun): string =>
  toPlainLine([toSecondsText(at) ?? "", instance, dag, run, state].join("  "));

/**
 * Prints the runs that match, and from then on a line for each that comes, that changes its state, or that matches no
 * more, until it is stopped.
 */
export const watchFleetRuns = async (
  session: Session,
  dagId: string | undefined,
  filters: RunFilters,
): Promise<never> => {
  const { client, output } = session;
  const isForPeople = output.format === "table" || output.format === "wide";
  let shown = new Map<string, FleetRun>();

  const tell = (run: FleetRun): void => output.text(isForPeople ? `${toLine(run)}\n` : `${JSON.stringify(run)}\n`);

  const look = async (): Promise<void> => {
    const runs = await readFleetRuns(session, dagId, filters);
    const now = new Map(runs.map((run) => [run.id, run]));
    for (const run of runs.toReversed()) if (shown.get(run.id)?.state !== run.state) tell(run);
    // One that matches no more is told of as it is now, unless newer ones have only taken its place in the list.
    for (const { id, state } of shown.values()) {
      if (now.has(id)) continue;
      const run = await client.getFleetRun({ params: { run: id } }).catch(() => undefined);
      if (run !== undefined && run.state !== state) tell(run);
    }
    shown = now;
  };

  const changes = client.events({
    kind: ["run.changed"],
    ...(filters.clients !== undefined && { instance: [...parseClients(filters.clients)] }),
    ...(dagId !== undefined && { dag_id: [dagId] }),
    tail: 0,
  });
  let coming = changes.next();
  for (;;) {
    await look();
    await pause(GATHER_MS);
    const came = await Promise.race([coming, pause(LOOK_AGAIN_MS)]);
    if (came !== undefined) coming = changes.next();
  }
};
