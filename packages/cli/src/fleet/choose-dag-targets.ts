import { AirfleetApiError, type Client } from "@airfleet/sdk";
import { CliFailure } from "../failure/cli-failure.ts";
import { EXIT } from "../failure/exit-codes.ts";
import type { Session } from "../session/session.ts";
import type { Target } from "./act-on-many.ts";
import { chooseInstances } from "./choose-instances.ts";
import { suggest } from "./suggest.ts";

type FleetDag = Awaited<ReturnType<Client["getFleetDag"]>>;

/** A DAG on one instance, with what is known of it there. */
export interface DagTarget extends Target {
  /** Null when the fleet's picture does not have it yet. */
  readonly isPaused: boolean | null;
}

const readFleetDag = async (session: Session, dagId: string): Promise<FleetDag | undefined> => {
  try {
    return await session.client.getFleetDag({ params: { dag_id: dagId } });
  } catch (error) {
    if (error instanceof AirfleetApiError && error.code === "DAG_UNKNOWN") return undefined;
    throw error;
  }
};

const failUnknown = async (session: Session, dagId: string): Promise<never> => {
  const page = await session.client.listDags({ query: { limit: 1_000 } });
  const near = suggest(
    dagId,
    page.items.map((row) => row.dag_id),
  );
  throw new CliFailure({
    code: "DAG_UNKNOWN",
    message: `No instance has a DAG "${dagId}".`,
    exitCode: EXIT.notFound,
    fix: near === undefined ? "See them all with: airfleet dags list" : `Did you mean ${near}?`,
  });
};

/**
 * Where a DAG is acted on: on the named instances as they are, or on every enabled instance that has it. An instance
 * whose DAGs were never read yet is taken along: it may have it.
 *
 * @param options `isActing`: say which instances are left out, since somebody may have meant them.
 * @throws {CliFailure} DAG_UNKNOWN when nobody has it and no instance was named
 */
export const chooseDagTargets = async (
  session: Session,
  dagId: string,
  clients: string | undefined,
  { isActing = false }: { readonly isActing?: boolean } = {},
): Promise<readonly DagTarget[]> => {
  const [instances, fleetDag] = await Promise.all([chooseInstances(session, clients), readFleetDag(session, dagId)]);
  const cells = new Map(fleetDag?.cells.map((cell) => [cell.instance, cell]));
  const having =
    clients === undefined
      ? instances.filter(({ id, status }) => cells.has(id) || status.dags_observed_at === null)
      : instances;
  if (having.length === 0) await failUnknown(session, dagId);
  if (isActing && having.length < instances.length) {
    const left = instances.filter((instance) => !having.includes(instance)).map(({ id }) => id);
    session.output.note(`Left out, as they do not have "${dagId}": ${left.join(", ")}`);
  }
  return having.map(({ id, tier }) => ({ instance: id, tier, dagId, isPaused: cells.get(id)?.is_paused ?? null }));
};
