import type { Engine } from "@airfleet/engine";
import {
  AirfleetError,
  type Dag,
  type DagId,
  type InstanceConfig,
  type InstanceId,
  isAirfleetError,
} from "@airfleet/model";
import type { DeploymentChange, Store, StoredArtifact, StoredDeployment } from "@airfleet/store";
import type { InstanceConditions } from "../fleet/instance-conditions.ts";
import type { InstanceRegistry } from "../fleet/instance-registry.ts";
import type { Logger } from "../logger.ts";
import type { InstanceTime } from "../runs/instance-time.ts";
import { type DeployTargets, folderOf } from "./deploy-targets.ts";
import { estimateScan } from "./estimate-scan.ts";
import {
  hasMoved,
  judgeDeployment,
  judgeSilence,
  type Look,
  wantsDetail,
  wantsNudge,
  writtenAt,
} from "./judge-deployment.ts";
import { MOST_DETAILS, nudge, readDags, readDocs, readImportErrors } from "./look-at-engine.ts";
import { findImportError, mapImportError } from "./map-import-error.ts";
import { createFileWriter, retryDelayMs, toDeploymentError } from "./write-files.ts";

export interface DeployerPorts {
  readonly store: Store;
  readonly registry: InstanceRegistry;
  readonly conditions: Pick<InstanceConditions, "probe">;
  readonly time: InstanceTime;
  readonly targets: DeployTargets;
  readonly now: () => number;
  readonly retryForMs: number;
  readonly logger: Logger;
  readonly onWritten: () => void;
}

/** Deployments of an instance that are looked at together. */
const BATCH = 1_000;
/** An error of the file before may bear a time shortly after ours was written: clocks differ. */
const CLOCK_SLACK_MS = 2_000;

const toCoded = (error: unknown): AirfleetError =>
  isAirfleetError(error) ? error : new AirfleetError("INTERNAL", {}, { cause: error });

/**
 * Brings the deployments of one instance a step further: writes what is to be written, in one change of its target, then
 * looks at what the engine makes of what is written. Each step finds out how things are, so that it can be repeated, and
 * be ended at any point.
 */
export const createInstanceDeployer = (ports: DeployerPorts) => {
  const { store, registry, conditions, time, targets, now, retryForMs, logger, onWritten } = ports;
  const { deployments } = store;
  const write = createFileWriter({ store, targets, now, retryForMs });

  const change = async (
    deployment: StoredDeployment,
    news: DeploymentChange,
  ): Promise<StoredDeployment | undefined> => {
    const changed = await deployments.change(deployment, news);
    onWritten();
    return changed;
  };

  /** What the engine knows of the DAGs before their files change, so that a later parse is told from an earlier. */
  const noteParses = async (
    engine: Engine,
    batch: readonly StoredDeployment[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<DagId, Dag>> => {
    const known = batch.filter(({ isNew, state }) => !isNew && state === "pending").map(({ dagId }) => dagId);
    try {
      return await readDags(engine, known, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!isAirfleetError(error)) throw error;
      return new Map();
    }
  };

  const pauseRemoved = async (
    engine: Engine,
    { dagId }: StoredDeployment,
    signal: AbortSignal,
  ): Promise<AirfleetError | null> => {
    try {
      await engine.setPaused(dagId, true, { signal });
      return null;
    } catch (error) {
      signal.throwIfAborted();
      if (isAirfleetError(error) && error.code === "DAG_UNKNOWN") return null;
      return toCoded(error);
    }
  };

  const writeBatch = async (engine: Engine, batch: readonly StoredDeployment[], signal: AbortSignal): Promise<void> => {
    if (batch.length === 0) return;
    const parses = await noteParses(engine, batch, signal);
    const unpaused = new Map<string, AirfleetError>();
    for (const deployment of batch.filter(({ state }) => state === "removing")) {
      // While its file is there still, so that nothing new starts from a file that goes away.
      const trouble = await pauseRemoved(engine, deployment, signal);
      if (trouble !== null) unpaused.set(deployment.id, trouble);
    }
    const verdicts = await write(batch, signal);
    for (const deployment of batch) {
      const verdict = verdicts.get(deployment.id);
      if (verdict === undefined) continue;
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
        continue;
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
        continue;
      }
      const parsedAt = parses.get(deployment.dagId)?.lastParsedAt ?? null;
      const written = await change(deployment, {
        ...place,
        state: "written",
        error: null,
        progress: { ...progress, tries: 0, parsedAt },
        dueAt: now(),
      });
      if (written !== undefined) await deployments.supersedeBefore(written);
    }
  };

  /** What an engine takes over the wire is live when it answers. */
  const handOver = async (engine: Engine, batch: readonly StoredDeployment[], signal: AbortSignal): Promise<void> => {
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

  const errorOf = (
    deployment: StoredDeployment,
    artifact: StoredArtifact | undefined,
    errors: Awaited<ReturnType<typeof readImportErrors>>,
  ) => {
    const found = artifact === undefined ? undefined : findImportError(errors, artifact);
    if (found === undefined || artifact === undefined) return null;
    const since = time.at(deployment.instance, writtenAt(deployment)) - CLOCK_SLACK_MS;
    // An error of the file before stays until the new one is read.
    if (found.at !== null && Date.parse(found.at) < since) return null;
    return mapImportError(found, artifact, deployment);
  };

  const watchBatch = async (
    engine: Engine,
    config: InstanceConfig,
    batch: readonly StoredDeployment[],
    signal: AbortSignal,
  ): Promise<void> => {
    const dags = await readDags(
      engine,
      batch.filter(({ state }) => state !== "live").map(({ dagId }) => dagId),
      signal,
    );
    const { reparse } = await engine.capabilities({ signal });
    const generation = conditions.probe(config.id)?.generation ?? (await engine.probe({ signal })).generation;
    const isCostly = config.auth.type === "basic" && generation === 2;
    const at = now();
    const detailed = batch.filter((deployment) => {
      const dag = dags.get(deployment.dagId);
      return deployment.state !== "live" && dag !== undefined && wantsDetail(deployment, dag);
    });
    const docs = await readDocs(
      engine,
      detailed.map(({ dagId }) => dagId),
      signal,
    );
    const isSuspect = ({ dagId, state }: StoredDeployment): boolean => {
      const dag = dags.get(dagId);
      return state !== "live" && (dag === undefined || dag.hasImportErrors || dag.isStale);
    };
    const suspects = batch.filter(isSuspect);
    const errors = suspects.length === 0 ? [] : await readImportErrors(engine, signal);
    const artifacts =
      errors.length === 0
        ? new Map<string, StoredArtifact>()
        : await deployments.artifacts(suspects.map(({ artifactId }) => artifactId));
    const wishes = batch
      .filter(({ state, dagId }) => state !== "live" && docs.get(dagId) === undefined)
      .filter((deployment) => wantsNudge(deployment, at))
      .map(({ dagId }) => ({ dagId, isKnown: dags.has(dagId) }));
    const nudged =
      reparse && wishes.length > 0 ? await nudge(engine, wishes, folderOf(config.deploy), signal) : new Set<DagId>();
    const waits = {
      new: await deployments.lastWaits(config.id, true, 5),
      known: await deployments.lastWaits(config.id, false, 5),
    };

    for (const deployment of batch) {
      const dag = dags.get(deployment.dagId);
      const { isNew } = deployment;
      const docMd = docs.has(deployment.dagId) ? (docs.get(deployment.dagId) ?? null) : undefined;
      // Its parse has not been looked at yet for want of a turn: it stays as it is.
      if (dag !== undefined && docMd === undefined && hasMoved(deployment, dag) && detailed.length > MOST_DETAILS) {
        await change(deployment, { dueAt: at });
        continue;
      }
      const scan = estimateScan({
        deploy: config.deploy,
        isNew,
        waits: isNew ? waits.new : waits.known,
        canNudge: reparse,
      });
      const importError = isSuspect(deployment)
        ? errorOf(deployment, artifacts.get(deployment.artifactId), errors)
        : null;
      const look: Look = {
        now: at,
        generation,
        isCostly,
        dag,
        docMd,
        importError,
        nudged: nudged.has(deployment.dagId),
        scan,
      };
      const news = judgeDeployment(deployment, look);
      // A pipeline that is deployed is meant to run; who pauses it later is not overruled.
      if (news.state === "live" && deployment.state !== "live" && isNew && dag?.isPaused === true) {
        await engine.setPaused(deployment.dagId, false, { signal });
      }
      const changed = await change(deployment, news);
      if (changed?.state === "live" && deployment.state !== "live" && (changed.dueAt ?? 0) <= at) {
        await change(changed, { state: "triggerable", error: null, dueAt: null });
      }
    }
  };

  const silence = async (batch: readonly StoredDeployment[], error: unknown): Promise<void> => {
    if (!isAirfleetError(error)) throw error;
    for (const deployment of batch)
      await change(deployment, judgeSilence(deployment, { error, now: now(), isCostly: true }));
  };

  return async (instance: InstanceId, signal: AbortSignal): Promise<void> => {
    const due = await deployments.open(instance, now(), BATCH);
    if (due.length === 0) return;
    const isToWrite = ({ state }: StoredDeployment): boolean => state === "pending" || state === "removing";
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
        await handOver(engine, due, signal);
        return;
      }
      await writeBatch(engine, due.filter(isToWrite), signal);
      const watched = (await deployments.open(instance, now(), BATCH)).filter((deployment) => !isToWrite(deployment));
      if (watched.length === 0) return;
      try {
        await watchBatch(engine, config, watched, signal);
      } catch (error) {
        signal.throwIfAborted();
        // Only those that nobody has changed meanwhile: what was judged already has another version.
        await silence(watched, error);
      }
    });
  };
};
