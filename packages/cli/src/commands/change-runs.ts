import type { CallInput } from "@airfleet/sdk";
import { usageFailure } from "../failure/cli-failure.ts";
import { actOnMany, type ActOptions, type Deed, type Target } from "../fleet/act-on-many.ts";
import { confirmLoss } from "../fleet/confirm-production.ts";
import { findRuns } from "../fleet/find-run.ts";
import { act } from "../session/act.ts";
import type { Session } from "../session/session.ts";

type Options = ActOptions & { readonly clients?: string };
type RunTarget = Target & { readonly runId: string; readonly state: string };

const chooseRuns = async (
  session: Session,
  dagId: string,
  runId: string,
  clients: string | undefined,
): Promise<readonly RunTarget[]> => {
  const found = await findRuns(session, { dagId, runId }, clients);
  return found.map(({ instance, run }) => ({
    instance: instance.id,
    tier: instance.tier,
    dagId,
    runId,
    state: run.state,
  }));
};

const paramsOf = ({ instance, dagId, runId }: RunTarget) => ({ instance, dag_id: dagId, dag_run_id: runId });

const FINISHED = new Set(["success", "failed", "cancelled", "lost"]);

export const deleteRuns = act<Options>(async ({ session, options, args: [dagId = "", runId = ""] }) => {
  const targets = await chooseRuns(session, dagId, runId, options.clients);
  const where = targets.map(({ instance }) => instance).join(", ");
  if (options.dryRun !== true) {
    await confirmLoss(session, `Delete the run "${runId}" of ${dagId} from ${where}?`, options.yes === true);
  }
  const deed: Deed<RunTarget> = {
    words: `delete ${runId} of ${dagId}`,
    isGuarded: true,
    perform: (target, confirm, call) => session.client.deleteRun({ params: paramsOf(target), query: confirm }, call),
    preview: async ({ state }) => (FINISHED.has(state) ? `delete it (${state})` : `be refused: it is ${state}`),
  };
  return actOnMany(session, targets, deed, options);
});

type RunState = CallInput<"patchRun">["body"]["state"];
const RUN_STATES: readonly RunState[] = ["success", "failed", "queued"];

export const setRunsState = act<Options>(async ({ session, options, args: [dagId = "", runId = "", given = ""] }) => {
  const state = RUN_STATES.find((known) => known === given);
  if (state === undefined)
    throw usageFailure(`"${given}" is no state a run can be set to.`, `Possible: ${RUN_STATES.join(", ")}.`);
  const deed: Deed<RunTarget> = {
    words: `set ${runId} of ${dagId} to ${state}`,
    isGuarded: true,
    perform: (target, confirm, call) =>
      session.client.patchRun({ params: paramsOf(target), body: { state, ...confirm } }, call),
    preview: async (target) => `set it from ${target.state} to ${state}`,
  };
  return actOnMany(session, await chooseRuns(session, dagId, runId, options.clients), deed, options);
});
