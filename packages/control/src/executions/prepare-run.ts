import { AirfleetError, type DeploymentState, isAirfleetError } from "@airfleet/model";
import type { ExecutionNews, StoredExecution } from "@airfleet/store";
import type { Clock } from "../clock.ts";
import type { TriggerUseCases } from "../triggers/trigger.ts";
import type { EnsuredVersion, ExecutableDeployments } from "./execution-ports.ts";
import { actorOf, askOf, termsOf } from "./execution-request.ts";

export interface PreparePorts {
  readonly deployments: Pick<ExecutableDeployments, "ensureLive">;
  readonly triggers: Pick<TriggerUseCases, "request">;
  readonly clock: Clock;
}

/** How soon a version that is on its way is looked at again: reading our own record of it costs little. */
const LOOK_MS = 500;
/** How soon the run that was asked for is looked after; its own reading comes before, when all goes well. */
const FIRST_LOOK_MS = 2_000;
const MINUTE_MS = 60_000;

const ENDED: ReadonlySet<DeploymentState> = new Set<DeploymentState>(["broken", "failed", "removed", "removing"]);
/** Nobody can be asked whether it is live, so that there is nothing to wait for. */
const READY: ReadonlySet<DeploymentState> = new Set<DeploymentState>(["triggerable", "unverified"]);

const failed = (
  error: { readonly code: string; readonly message: string },
  now: number,
  more: Partial<ExecutionNews> = {},
): ExecutionNews => ({
  stage: "done",
  againInMs: null,
  stageNote: null,
  status: "failed",
  completedAt: new Date(now).toISOString(),
  error: { ...error, trace: null },
  ...more,
});

const waits = (version: EnsuredVersion): ExecutionNews => ({
  stage: "preparing",
  againInMs: LOOK_MS,
  stageNote: `waiting for version ${version.revision} to be triggerable; it is ${version.state}`,
  revision: version.revision,
  artifactHash: version.hash,
});

const isOverdue = ({ deadlineAt }: StoredExecution, now: number): boolean => deadlineAt !== null && now > deadlineAt;

/** Asks for the run. Repeating it after a crash finds what was asked for before. */
const ask = async (
  execution: StoredExecution,
  version: EnsuredVersion,
  { triggers, clock }: PreparePorts,
): Promise<ExecutionNews> => {
  const facts = { revision: version.revision, artifactHash: version.hash };
  const { triggers: made } = await triggers.request(askOf(execution), termsOf(execution));
  const [trigger] = made;
  // Somebody prevented it first; only a cancelled execution is prevented, and that keeps its state.
  if (trigger === undefined) {
    return failed({ code: "TRIGGER_CANCELLED", message: "The execution was prevented." }, clock.now(), facts);
  }
  return { stage: "sent", againInMs: FIRST_LOOK_MS, stageNote: null, trigger: trigger.id, ...facts };
};

/**
 * Brings an execution one step nearer to its run: sees to it that the newest version is on its way, and once a run would
 * work with it, asks for the run, once.
 */
export const prepareRun = async (execution: StoredExecution, ports: PreparePorts): Promise<ExecutionNews> => {
  const { deployments, clock } = ports;
  const { pipeline, instance } = execution;
  try {
    const since = execution.createdAt;
    const version = await deployments.ensureLive({ pipeline, instance, actor: actorOf(execution), since });
    if (READY.has(version.state)) return await ask(execution, version, ports);
    const now = clock.now();
    if (ENDED.has(version.state)) {
      const error = version.error ?? { code: "DEPLOYMENT_NOT_LIVE", message: `The deployment is ${version.state}.` };
      return failed(error, now, { revision: version.revision, artifactHash: version.hash });
    }
    if (!isOverdue(execution, now)) return waits(version);
    const minutes = Math.round((now - execution.createdAt) / MINUTE_MS);
    const reason = version.error?.message ?? `it is ${version.state}`;
    const { code, message } = new AirfleetError("EXECUTION_EXPIRED", {
      hash: version.hash.slice(0, 12),
      instance,
      minutes,
      reason,
    });
    return failed({ code, message }, now);
  } catch (error) {
    // What a person has to put right does not get better by trying again.
    if (!isAirfleetError(error) || error.retryable) throw error;
    return failed(error, clock.now());
  }
};
