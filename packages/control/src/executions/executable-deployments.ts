import { toDagName } from "@airfleet/compiler";
import { AirfleetError, type InstanceId, toDagId } from "@airfleet/model";
import type { Store, StoredDeployment } from "@airfleet/store";
import type { DeploymentUseCases } from "../deployments/deployment.ts";
import type { InstanceRegistry } from "../fleet/instance-registry.ts";
import type { PipelineUseCases } from "../pipelines/pipeline.ts";
import type { EnsuredVersion, ExecutableDeployments } from "./execution-ports.ts";

interface Ports {
  readonly store: Pick<Store, "deployments">;
  readonly registry: Pick<InstanceRegistry, "list">;
  readonly pipelines: Pick<PipelineUseCases, "ready">;
  /** Absent where nothing can be deployed. */
  readonly deployments: Pick<DeploymentUseCases, "deploy"> | undefined;
}

/** Nothing of the version is there, and nothing is on its way. */
const isGone = ({ state }: StoredDeployment): boolean =>
  state === "removed" || state === "removing" || state === "superseded";
/** It came to nothing, and may come to something when it is tried again. */
const hasFailed = ({ state }: StoredDeployment): boolean => state === "failed" || state === "broken";

const toVersion = ({ state, revision, artifactHash, error }: StoredDeployment): EnsuredVersion => ({
  state,
  revision,
  hash: artifactHash,
  error: error === null ? null : { code: error.code, message: error.message },
});

/** What executing wants of the deployments. */
export const createExecutableDeployments = (ports: Ports): ExecutableDeployments => {
  const { store, registry, pipelines, deployments } = ports;
  const newest = (pipeline: string, instance: InstanceId): Promise<StoredDeployment | undefined> =>
    store.deployments.newest(instance, toDagId(toDagName(pipeline)));

  return {
    places: () =>
      deployments === undefined
        ? []
        : registry
            .list()
            .filter(({ config }) => config.enabled && (config.deploy !== undefined || config.engine === "embedded"))
            .map(({ config }) => ({ id: config.id, isEmbedded: config.engine === "embedded" })),

    async present(pipeline, instance) {
      const known = await newest(pipeline, instance);
      return known === undefined || isGone(known) ? undefined : toVersion(known);
    },

    async ensureLive({ pipeline, instance, actor, since }) {
      const { planHash, pipeline: present } = await pipelines.ready(pipeline, { instances: [instance] });
      const known = await newest(pipeline, instance);
      // What was rolled back stays so until somebody changes the pipeline.
      const isRolledBack = known?.origin === "rollback" && present.updatedAt <= known.createdAt;
      const isStale =
        known === undefined ||
        isGone(known) ||
        (known.planHash !== planHash && !isRolledBack) ||
        (hasFailed(known) && known.createdAt < since);
      if (!isStale) return toVersion(known);
      // Executing is asked for by somebody who means it: the instance is named, so nothing else need be confirmed.
      const request = { pipeline, instances: [instance], origin: "execute", confirm: instance } as const;
      const [item] = (await deployments?.deploy(actor, request)) ?? [];
      if (item?.deployment == null) throw new AirfleetError("DEPLOY_TARGET_MISSING", { instance });
      return toVersion(item.deployment);
    },
  };
};
