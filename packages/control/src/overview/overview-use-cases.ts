import type { Store } from "@airfleet/store";
import type { FleetUseCases, InstanceUseCases } from "../control.ts";
import type { FleetInstance } from "../fleet/fleet-instance.ts";
import { findWrong } from "./find-wrong.ts";
import { type OverviewUseCases, WRONG_SHOWN } from "./overview.ts";

interface OverviewPorts {
  readonly store: Pick<Store, "importErrors" | "runs">;
  readonly instances: Pick<InstanceUseCases, "list">;
  readonly fleet: Pick<FleetUseCases, "listDags">;
  readonly now: () => number;
}

/** A run may be queued on a paused DAG for a moment while somebody triggers and unpauses. */
const HELD_AFTER_MS = 60_000;

/** Whether what we count on an instance is of now. */
const isKnown = ({ enabled, status }: FleetInstance): boolean =>
  enabled &&
  !status.stale &&
  status.state !== "unreachable" &&
  status.state !== "refused" &&
  status.state !== "unknown";

/** Answers from the store; no instance is called. */
export const createOverviewUseCases = ({ store, instances, fleet, now }: OverviewPorts): OverviewUseCases => ({
  async overview(ids) {
    const shown = instances.list().filter(({ id, removed }) => !removed && (ids === undefined || ids.includes(id)));
    const [live, failures, importErrors, held] = await Promise.all([
      store.runs.countLive(),
      store.runs.countOpenFailures(),
      store.importErrors.list(shown.map(({ id }) => id)),
      store.runs.countHeld(now() - HELD_AFTER_MS),
    ]);
    const wrong = findWrong(shown, { failures, importErrors, held });
    const countOf = (instance: string, state: "queued" | "running"): number =>
      live.find((row) => row.instance === instance && row.state === state)?.runs ?? 0;
    return {
      instances: shown.map((instance) => ({
        instance,
        queued: countOf(instance.id, "queued"),
        running: countOf(instance.id, "running"),
        wrong: isKnown(instance) ? wrong.filter((one) => one.instance === instance.id).length : null,
      })),
      wrong: wrong.slice(0, WRONG_SHOWN),
      wrongTotal: wrong.length,
    };
  },

  async matrix(query) {
    const [page, failures] = await Promise.all([fleet.listDags(query), store.runs.countOpenFailures()]);
    const inARow = new Map(failures.map((row) => [JSON.stringify([row.instance, row.dagId]), row.failures]));
    return {
      items: page.items.map(({ dagId, tags, cells }) => ({
        dagId,
        tags,
        cells: cells.map(({ instance, dag, lastRun }) => ({
          instance,
          state: lastRun?.state ?? null,
          isPaused: dag.isPaused,
          isBroken: dag.hasImportErrors,
          failures: inARow.get(JSON.stringify([instance, dagId])) ?? 0,
        })),
      })),
      next: page.next,
      instances: page.instances,
    };
  },
});
