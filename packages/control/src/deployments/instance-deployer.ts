import type { Engine } from "@airfleet/engine";
import { type AirfleetError, type InstanceConfig, type InstanceId, isAirfleetError } from "@airfleet/model";
import type { StoredDeployment } from "@airfleet/store";
import { noteParses, pauseRemoved } from "./before-writing.ts";
import type { ChangeDeployment, DeployerPorts } from "./deployer-ports.ts";
import { handOver } from "./hand-over-plans.ts";
import { judgeSilence } from "./judge-deployment.ts";
import { each } from "./look-at-engine.ts";
import { findImportError } from "./map-import-error.ts";
import { createDeploymentWatch } from "./watch-deployments.ts";
import { createFileWriter, retryDelayMs, toDeploymentError } from "./write-files.ts";

/** Deployments of an instance that are looked at together. */
const BATCH = 1_000;
/** Rows that are written together share a commit. */
const WRITES_AT_ONCE = 16;

const isToWrite = ({ state }: StoredDeployment): boolean => state === "pending" || state === "removing";

/**
 * Brings the deployments of one instance a step further: writes what is to be written, in one change of its target, then
 * looks at what the engine makes of what is written. Each step finds out how things are, so that it can be repeated, and
 * be ended at any point.
 */
export const createInstanceDeployer = (ports: DeployerPorts) => {
  const { store, registry, targets, now, retryForMs, onWritten } = ports;
  const { deployments } = store;
  const write = createFileWriter({ store, targets, now, retryForMs });

  const change: ChangeDeployment = async (deployment, news) => {
    const changed = await deployments.change(deployment, news);
    onWritten();
    return changed;
  };
  const watch = createDeploymentWatch({ ...ports, change });

  const writeBatch = async (engine: Engine, batch: readonly StoredDeployment[], signal: AbortSignal): Promise<void> => {
    if (batch.length === 0) return;
    const before = await noteParses(engine, batch, signal);
    const unpaused = new Map<string, AirfleetError>();
    for (const deployment of batch.filter(({ state }) => state === "removing")) {
      // While its file is there still, so that nothing new starts from a file that goes away.
      const trouble = await pauseRemoved(engine, deployment, signal);
      if (trouble !== null) unpaused.set(deployment.id, trouble);
    }
    const verdicts = await write(batch, signal);
    await each(
      batch,
      async (deployment) => {
        const verdict = verdicts.get(deployment.id);
        if (verdict === undefined) return;
        const { progress } = deployment;
        const tries = progress.tries + 1;
        if (!verdict.done) {
          const { error, isFinal } = verdict;
          await change(
            deployment,
            isFinal
              ? { state: "failed", error, dueAt: null }
              : { error, progress: { ...progress, tries }, dueAt: now() + retryDelayMs(tries) },
          );
          return;
        }
        const place = { target: verdict.target, targetRevision: verdict.revision };
        if (deployment.state === "removing") {
          const trouble = unpaused.get(deployment.id);
          const since = deployment.stateTimes.removing ?? deployment.createdAt;
          const retries = trouble !== undefined && now() - since < retryForMs;
          await change(deployment, {
            ...place,
            ...(retries ? { dueAt: now() + retryDelayMs(tries) } : { state: "removed", dueAt: null }),
            error: trouble === undefined ? null : toDeploymentError(trouble),
            progress: { ...progress, tries },
          });
          return;
        }
        const parsedAt = before.dags.get(deployment.dagId)?.lastParsedAt ?? null;
        const erredAt = findImportError(before.errors, { fileName: `${deployment.dagId}.py` })?.at ?? null;
        const written = await change(deployment, {
          ...place,
          state: "written",
          error: null,
          progress: { ...progress, tries: 0, parsedAt, erredAt },
          dueAt: now(),
        });
        if (written !== undefined) await deployments.supersedeBefore(written);
      },
      WRITES_AT_ONCE,
    );
  };

  const silence = async (batch: readonly StoredDeployment[], error: unknown): Promise<void> => {
    if (!isAirfleetError(error)) throw error;
    for (const deployment of batch)
      await change(deployment, judgeSilence(deployment, { error, now: now(), isCostly: true }));
  };

  return async (instance: InstanceId, signal: AbortSignal): Promise<void> => {
    const due = await deployments.open(instance, now(), BATCH);
    if (due.length === 0) return;
    let config: InstanceConfig;
    try {
      config = targets.check(instance);
    } catch (error) {
      // The instance is gone, disabled or has lost its target: what was asked for cannot be done.
      for (const deployment of due) {
        await change(
          deployment,
          isToWrite(deployment) ? { state: "failed", error: toDeploymentError(error), dueAt: null } : { dueAt: null },
        );
      }
      return;
    }
    await registry.use(instance, async (engine) => {
      if (engine.deployPlan !== undefined) {
        await handOver({ ...ports, change }, engine, due, signal);
        return;
      }
      await writeBatch(engine, due.filter(isToWrite), signal);
      const watched = (await deployments.open(instance, now(), BATCH)).filter((deployment) => !isToWrite(deployment));
      if (watched.length === 0) return;
      try {
        await watch(engine, config, watched, signal);
      } catch (error) {
        signal.throwIfAborted();
        // Only those that nobody has changed meanwhile: what was judged already has another version.
        await silence(watched, error);
      }
    });
  };
};
