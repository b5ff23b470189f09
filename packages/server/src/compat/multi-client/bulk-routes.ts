import type { FleetInstance } from "@airfleet/control";
import { isAirfleetError, toDagId } from "@airfleet/model";
import { act } from "./act.ts";
import { fromAction } from "./client-failure.ts";
import { listDagsOf, type ListedDag } from "./listed-dags.ts";
import { CLIENT_TIMEOUT_MS, type SeedContext, type SeedRoute } from "./seed-route.ts";

/** DAGs of one client that are switched at the same time: an Airflow 2 server takes about that many calls at once. */
const AT_ONCE = 4;

interface Switched {
  readonly dag_id: string;
  readonly success: boolean;
  readonly error: string | null;
  /** False when the DAG stood so already and nothing was sent. */
  readonly changed: boolean;
}

const switchOne = async (
  context: SeedContext,
  client: FleetInstance,
  dagId: string,
  paused: boolean,
): Promise<Switched> => {
  const failed = (error: string): Switched => ({ dag_id: dagId, success: false, error, changed: false });
  if (context.signal.aborted) return failed("not sent: the caller hung up");
  try {
    const action = await act(context, { verb: "dag:pause", instance: client.id, dagId: toDagId(dagId), paused });
    if (action.state === "done") return { dag_id: dagId, success: true, error: null, changed: true };
    return failed(fromAction(client, action, CLIENT_TIMEOUT_MS).error);
  } catch (error) {
    if (!isAirfleetError(error)) throw error;
    return failed(error.message);
  }
};

/** Switches those that stand otherwise, a few at a time; the answers stand in the list's order. */
const switchAll = async (
  context: SeedContext,
  client: FleetInstance,
  dags: readonly ListedDag[],
  paused: boolean,
): Promise<readonly Switched[]> => {
  const results: Switched[] = [];
  const waiting = dags.map((dag, index) => ({ dag, index })).values();
  const worker = async (): Promise<void> => {
    for (const { dag, index } of waiting) {
      results[index] =
        dag.is_paused === paused
          ? { dag_id: dag.dag_id, success: true, error: null, changed: false }
          : await switchOne(context, client, dag.dag_id, paused);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
};

const bulkRoute = (verb: "pause" | "unpause"): SeedRoute => ({
  kind: "fan-out",
  method: "POST",
  path: `/api/disaster-recovery/${verb}-all`,
  permission: "dag:pause",
  plan: (context) => ({
    heading: {
      message: `Bulk ${verb} operation completed`,
      action: `${verb}_all`,
      timestamp: new Date().toISOString(),
    },
    ask: async (client, options) => {
      const dags = await listDagsOf(context.control, client, options);
      const results = await switchAll(context, client, dags, verb === "pause");
      const failed = results.filter((result) => !result.success).length;
      const changed = results.filter((result) => result.changed).length;
      return {
        client,
        success: true,
        data: { total_dags: results.length, changed_dags: changed, failed_dags: failed, results },
      };
    },
  }),
});

/** Pauses or unpauses every DAG of the selected clients, one recorded action each. */
export const bulkRoutes: readonly SeedRoute[] = [bulkRoute("pause"), bulkRoute("unpause")];
