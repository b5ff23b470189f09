import { toRuntimeFiles, toSupportFiles } from "@airfleet/deploy";
import { isAirfleetError } from "@airfleet/model";
import type { DeploymentError, Store, StoredDeployment, StoredRuntime } from "@airfleet/store";
import type { DeployTargets } from "./deploy-targets.ts";

interface WritePorts {
  readonly store: Pick<Store, "deployments">;
  readonly targets: DeployTargets;
  readonly now: () => number;
  /** How long a target that cannot be reached is tried, in milliseconds. */
  readonly retryForMs: number;
}

/** What came of writing one deployment. */
export type WriteVerdict =
  | { readonly done: true; readonly target: string; readonly revision: string | null }
  | { readonly done: false; readonly error: DeploymentError; readonly isFinal: boolean };

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;
/** A run that has begun may still import from the runtime of the file that it was started with. */
const RUNTIME_GRACE_MS = 24 * 3_600_000;
const RUNTIME_FOLDER = /^(airfleet_runtime_[0-9a-f]+)\//;

/** When a target that could not be reached is tried again. */
export const retryDelayMs = (tries: number): number =>
  Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(tries, 5));

export const toDeploymentError = (error: unknown): DeploymentError => ({
  code: isAirfleetError(error) ? error.code : "INTERNAL",
  message: isAirfleetError(error) ? error.message : "it failed inside Airfleet; its log tells why",
  node: null,
  field: null,
  line: null,
});

/**
 * Makes the files of an instance what these deployments want, in one change of its target. What one of them alone makes
 * impossible is found by trying each for itself.
 */
export const createFileWriter = ({ store, targets, now, retryForMs }: WritePorts) => {
  const { deployments } = store;

  const runtimesOf = async (names: readonly string[]): Promise<readonly StoredRuntime[]> => {
    const found = await Promise.all([...new Set(names)].map((name) => deployments.runtime(name)));
    return found.filter((runtime) => runtime !== undefined);
  };

  const apply = async (
    batch: readonly StoredDeployment[],
    signal: AbortSignal,
  ): Promise<{ readonly target: string; readonly revision: string | null }> => {
    const [first] = batch;
    if (first === undefined) return { target: "", revision: null };
    const { target, folder } = targets.open(first.instance);
    const artifacts = await deployments.artifacts(batch.map(({ artifactId }) => artifactId));
    const of = (deployment: StoredDeployment) => {
      const artifact = artifacts.get(deployment.artifactId);
      if (artifact === undefined) throw new Error(`artifact ${deployment.artifactId} is gone`);
      return artifact;
    };
    const puts = batch.filter(({ state }) => state !== "removing").map(of);
    const removals = batch.filter(({ state }) => state === "removing").map(of);
    const used = new Set(await deployments.usedRuntimes(first.instance, now() - RUNTIME_GRACE_MS));
    const names = puts.flatMap(({ runtime }) => (runtime === null ? [] : [runtime]));
    for (const name of names) used.add(name);
    const listed = await target.list({ signal });
    const stale = [...listed.keys()].filter((path) => {
      const name = RUNTIME_FOLDER.exec(path)?.[1];
      return name !== undefined && !used.has(name);
    });
    const [one] = puts;
    const message =
      batch.length === 1
        ? `${one === undefined ? "Remove" : "Deploy"} ${(one ?? removals[0])?.pipelineName ?? ""}, revision ${(one ?? removals[0])?.revision ?? 0}`
        : `Deploy ${puts.length} pipelines, remove ${removals.length}`;
    const outcome = await target.apply(
      {
        put: [
          ...toSupportFiles(folder),
          ...(await runtimesOf(names)).flatMap(toRuntimeFiles),
          ...puts.map(({ fileName, body }) => ({ path: fileName, text: body })),
        ],
        remove: [...removals.map(({ fileName }) => fileName), ...stale],
        message,
      },
      { signal },
    );
    return { target: target.description, revision: outcome.revision };
  };

  const refused = (deployment: StoredDeployment, error: unknown): WriteVerdict => {
    const isPassing = isAirfleetError(error) ? error.retryable : true;
    const since = deployment.stateTimes[deployment.state] ?? deployment.createdAt;
    return { done: false, error: toDeploymentError(error), isFinal: !isPassing || now() - since > retryForMs };
  };

  return async (
    batch: readonly StoredDeployment[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, WriteVerdict>> => {
    try {
      const { target, revision } = await apply(batch, signal);
      return new Map(batch.map(({ id }) => [id, { done: true, target, revision }]));
    } catch (error) {
      signal.throwIfAborted();
      const [only] = batch;
      if (only === undefined) return new Map();
      const isTheirs = isAirfleetError(error) && error.code === "DEPLOY_NAME_TAKEN";
      if (batch.length === 1 || !isTheirs)
        return new Map(batch.map((deployment) => [deployment.id, refused(deployment, error)]));
      const verdicts = new Map<string, WriteVerdict>();
      for (const deployment of batch) {
        try {
          verdicts.set(deployment.id, { done: true, ...(await apply([deployment], signal)) });
        } catch (failure) {
          signal.throwIfAborted();
          verdicts.set(deployment.id, refused(deployment, failure));
        }
      }
      return verdicts;
    }
  };
};
