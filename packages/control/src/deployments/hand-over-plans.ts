import type { Engine } from "@airfleet/engine";
import { isAirfleetError } from "@airfleet/model";
import type { StoredDeployment } from "@airfleet/store";
import { pauseRemoved } from "./before-writing.ts";
import type { ChangeDeployment, DeployerPorts } from "./deployer-ports.ts";
import { retryDelayMs, toDeploymentError } from "./write-files.ts";

/** What an engine takes over the wire is live when it answers. */
export const handOver = async (
  {
    store,
    change,
    now,
    retryForMs,
    logger,
  }: Pick<DeployerPorts, "store" | "now" | "retryForMs" | "logger"> & { readonly change: ChangeDeployment },
  engine: Engine,
  batch: readonly StoredDeployment[],
  signal: AbortSignal,
): Promise<void> => {
  const { deployments } = store;
  const artifacts = await deployments.artifacts(batch.map(({ artifactId }) => artifactId));
  for (const deployment of batch) {
    const artifact = artifacts.get(deployment.artifactId);
    const { dagId, progress } = deployment;
    try {
      if (deployment.state === "removing") {
        const trouble = await pauseRemoved(engine, deployment, signal);
        if (trouble !== null) throw trouble;
        await engine.removePlan?.(dagId, { signal }).catch((error: unknown) => {
          if (!isAirfleetError(error) || error.code !== "DAG_UNKNOWN") throw error;
        });
        await change(deployment, { state: "removed", error: null, dueAt: null });
        continue;
      }
      if (artifact === undefined) throw new Error(`artifact ${deployment.artifactId} is gone`);
      await engine.deployPlan?.({ dagId, text: artifact.body, hash: artifact.hash }, { signal });
      if (deployment.isNew) await engine.setPaused(dagId, false, { signal });
      const live = await change(deployment, { state: "live", error: null });
      if (live === undefined) continue;
      await deployments.supersedeBefore(live);
      await change(live, { state: "triggerable", dueAt: null });
    } catch (error) {
      signal.throwIfAborted();
      const isPassing = !isAirfleetError(error) || error.retryable;
      const since = deployment.stateTimes[deployment.state] ?? deployment.createdAt;
      if (!isAirfleetError(error))
        logger.warn({ err: error, deployment: deployment.id }, "a plan could not be handed over");
      const tries = progress.tries + 1;
      await change(deployment, {
        error: toDeploymentError(error),
        ...(isPassing && now() - since < retryForMs
          ? { progress: { ...progress, tries }, dueAt: now() + retryDelayMs(tries) }
          : { state: "failed", dueAt: null }),
      });
    }
  }
};
