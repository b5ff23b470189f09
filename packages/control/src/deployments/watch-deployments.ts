import type { Engine } from "@airfleet/engine";
import type { DagId, InstanceConfig } from "@airfleet/model";
import type { StoredArtifact, StoredDeployment } from "@airfleet/store";
import { folderOf } from "./deploy-targets.ts";
import type { ChangeDeployment, DeployerPorts } from "./deployer-ports.ts";
import { estimateScan } from "./estimate-scan.ts";
import { hasMoved, judgeDeployment, type Look, wantsDetail, wantsNudge, writtenAt } from "./judge-deployment.ts";
import { each, MOST_DETAILS, nudge, readDags, readDocs, readImportErrors } from "./look-at-engine.ts";
import { findImportError, mapImportError } from "./map-import-error.ts";

/** Rows that are written together share a commit. */
const WRITES_AT_ONCE = 16;

type Ports = Pick<DeployerPorts, "store" | "conditions" | "time" | "now"> & { readonly change: ChangeDeployment };

/** An error of the file before may bear a time shortly after ours was written: clocks differ. */
const CLOCK_SLACK_MS = 2_000;

/** Reads of an instance what tells how its deployments stand: few calls however many they are. */
export const createDeploymentWatch = ({ store, conditions, time, now, change }: Ports) => {
  const { deployments } = store;

  const errorOf = (
    deployment: StoredDeployment,
    artifact: StoredArtifact | undefined,
    errors: Awaited<ReturnType<typeof readImportErrors>>,
  ) => {
    const found = artifact === undefined ? undefined : findImportError(errors, artifact);
    if (found === undefined || artifact === undefined) return null;
    if (found.at !== null && found.at === deployment.progress.erredAt) return null;
    const since = time.at(deployment.instance, writtenAt(deployment)) - CLOCK_SLACK_MS;
    // An error of the file before stays until the new one is read.
    if (found.at !== null && Date.parse(found.at) < since) return null;
    return mapImportError(found, artifact, deployment);
  };

  /** Looks at what the engine makes of what is written. */
  return async (
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

    await each(
      batch,
      async (deployment) => {
        const dag = dags.get(deployment.dagId);
        const { isNew } = deployment;
        const docMd = docs.has(deployment.dagId) ? (docs.get(deployment.dagId) ?? null) : undefined;
        // Its parse has not been looked at yet for want of a turn: it stays as it is, and due.
        if (dag !== undefined && docMd === undefined && hasMoved(deployment, dag) && detailed.length > MOST_DETAILS) {
          return;
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
      },
      WRITES_AT_ONCE,
    );
  };
};
