import type { RunStateRequest } from "@airfleet/engine";
import { AirfleetError, isTerminalRunState, type Run, type RunAddress } from "@airfleet/model";
import { type Deadline, sleep } from "@airfleet/http";
import { type Api, capabilityMissing, runUnknown } from "../api.ts";
import { deleteRunDocument, type RunRow, terminateDocument } from "../documents/runs.ts";
import { needGroup } from "./find-group.ts";
import type { RunGroup } from "./run-group.ts";
import { toRun, toRunState } from "./to-run.ts";

/**
 * A run that was told to end is CANCELED half a second later; one whose processes resist, after their grace; on a loaded
 * machine it took more than 15 s. Dagster's own monitoring calls it CANCELED 30 s later at most, where it is switched on.
 */
const SETTLE_MS = 40_000;
const LOOK_EVERY_MS = 250;

const isLive = ({ status }: Pick<RunRow, "status">): boolean => !isTerminalRunState(toRunState(status));

const terminate = async (api: Api, runId: string, deadline: Deadline): Promise<void> => {
  const { terminateRun: answer } = await api.graphql.ask(terminateDocument, { runId }, deadline);
  // It ended by itself meanwhile, or is being ended already: the caller reads back.
  const isOver = answer.__typename === "TerminateRunFailure" || answer.__typename === "RunNotFoundError";
  if (answer.__typename !== "TerminateRunSuccess" && !isOver) throw api.graphql.refusal(terminateDocument, answer);
};

/** Ends what was launched a second time under the same id. */
export const stopTwins = async (api: Api, { twins }: RunGroup<RunRow>, deadline: Deadline): Promise<void> => {
  for (const { runId, status } of twins) if (status === "QUEUED") await terminate(api, runId, deadline);
};

const untilEnded = async (api: Api, address: RunAddress, deadline: Deadline): Promise<RunRow> => {
  const { clock } = api.graphql.http;
  const until = clock.monotonic() + Math.min(SETTLE_MS, deadline.remainingMs() / 2);
  for (;;) {
    const { current } = await needGroup(api, address, deadline);
    if (!isLive(current) || clock.monotonic() > until) return current;
    await sleep(clock, LOOK_EVERY_MS, deadline.signal);
  }
};

/**
 * Stops a run: its process is told to end, and with it everything that it started. A run that has ended stays as it is,
 * since Dagster lets nobody change that.
 */
export const setRunState = async (api: Api, request: RunStateRequest, deadline: Deadline): Promise<Run> => {
  const group = await needGroup(api, request, deadline);
  if (request.state !== "failed") {
    throw capabilityMissing(api, `mark a run ${request.state}`, "Stop it, or clear it to run it again.");
  }
  const live = [...group.chain, ...group.twins].filter(isLive);
  for (const { runId } of live) await terminate(api, runId, deadline);
  const { dagId, runId } = request;
  return toRun(dagId, live.length === 0 ? group.current : await untilEnded(api, { dagId, runId }, deadline));
};

/** Dagster deletes a run that is not finished without a word, and leaves its processes: so we look first. */
export const deleteRun = async (api: Api, address: RunAddress, deadline: Deadline): Promise<void> => {
  const { chain, twins } = await needGroup(api, address, deadline);
  const members = [...chain, ...twins];
  const live = members.find(isLive);
  if (live !== undefined) {
    const { dagId, runId } = address;
    throw new AirfleetError("RUN_ACTIVE", { dag_id: dagId, run_id: runId, state: toRunState(live.status) });
  }
  // The first one last: while it is there, a repeated delete finds the rest.
  let gone = 0;
  for (const { runId } of members.toReversed()) {
    const { deleteRun: answer } = await api.graphql.ask(deleteRunDocument, { runId }, deadline);
    if (answer.__typename === "DeletePipelineRunSuccess") gone += 1;
    else if (answer.__typename !== "RunNotFoundError") throw api.graphql.refusal(deleteRunDocument, answer);
  }
  if (gone === 0) throw runUnknown(api, address);
};
