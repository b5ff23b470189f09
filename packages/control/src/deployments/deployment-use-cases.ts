import { RUNTIME_BUNDLE } from "@airfleet/deploy";
import {
  AirfleetError,
  type DeploymentState,
  diffPipelines,
  type InstanceConfig,
  type InstanceId,
  toDagId,
} from "@airfleet/model";
import { toDagName } from "@airfleet/compiler";
import type { NewArtifact, Store, StoredDeployment } from "@airfleet/store";
import type { Actor } from "../actor.ts";
import { type Clock, pause } from "../clock.ts";
import type { LiveUseCases } from "../control.ts";
import { toAuthor } from "../documents/author.ts";
import type { InstanceRegistry } from "../fleet/instance-registry.ts";
import type { PipelineRemoval, PipelineUseCases } from "../pipelines/pipeline.ts";
import { confirmDeployment } from "./confirm-deployment.ts";
import type { Deployment, DeploymentUseCases, DeployRequest } from "./deployment.ts";
import type { DeployTargets } from "./deploy-targets.ts";
import { makeArtifact } from "./make-artifact.ts";
import { findMissingNames } from "./missing-names.ts";

export interface DeploymentPorts {
  readonly store: Store;
  readonly registry: InstanceRegistry;
  readonly targets: DeployTargets;
  readonly pipelines: Pick<PipelineUseCases, "get" | "ready" | "compile" | "version">;
  readonly live: Pick<LiveUseCases, "config" | "runs">;
  readonly show: (deployments: readonly StoredDeployment[]) => Promise<readonly Deployment[]>;
  readonly clock: Clock;
  /** Something was recorded: carry it on at once. */
  readonly onRecorded: () => void;
}

/** How far each state is; what is not on this way has ended, or waits for a person. */
const WAY: readonly DeploymentState[] = ["pending", "written", "parsed", "live", "triggerable"];
const LOOK_MS = 200;
const RUNS_SHOWN = 100;

const hasCome = ({ state }: Pick<Deployment, "state">, until: DeploymentState): boolean => {
  const place = WAY.indexOf(state);
  if (place === -1) return state !== "removing";
  return until === "removed" ? false : place >= WAY.indexOf(until);
};

const placeOf = ({ deploy, engine }: InstanceConfig): string => deploy?.type ?? engine;

export const createDeploymentUseCases = (
  ports: DeploymentPorts,
): DeploymentUseCases & { readonly onPipelineRemoved: PipelineRemoval } => {
  const { store, registry, targets, pipelines, live, show, clock, onRecorded } = ports;
  const { deployments } = store;

  const showOne = async (deployment: StoredDeployment): Promise<Deployment> => {
    const [shown] = await show([deployment]);
    return shown ?? { ...deployment, scan: null, expectedAt: null };
  };

  const find = async (id: string): Promise<StoredDeployment> => {
    const found = await deployments.find(id);
    if (found === undefined) throw new AirfleetError("DEPLOYMENT_UNKNOWN", { deployment: id });
    return found;
  };

  const present = async (pipeline: string, instance: InstanceId): Promise<StoredDeployment | undefined> => {
    const newest = await deployments.newest(instance, toDagId(toDagName(pipeline)));
    return newest?.state === "removed" ? undefined : newest;
  };

  const getPresent = async (pipeline: string, instance: InstanceId): Promise<StoredDeployment> => {
    registry.get(instance);
    const found = await present(pipeline, instance);
    if (found === undefined) throw new AirfleetError("DEPLOYMENT_ABSENT", { pipeline, instance });
    return found;
  };

  const record = async (
    actor: Actor,
    origin: NonNullable<DeployRequest["origin"]>,
    wanted: readonly { readonly artifact: NewArtifact; readonly instance: InstanceId }[],
  ): Promise<readonly StoredDeployment[]> => {
    if (wanted.some(({ artifact }) => artifact.runtime === RUNTIME_BUNDLE.name))
      await deployments.keepRuntime(RUNTIME_BUNDLE);
    const recorded = await deployments.record(
      wanted.map((each) => ({ ...each, origin })),
      toAuthor(actor),
    );
    onRecorded();
    return recorded;
  };

  const chooseInstances = async ({
    pipeline,
    instances,
    environment,
  }: DeployRequest): Promise<readonly InstanceConfig[]> => {
    if (environment === undefined) return [...new Set(instances)].map((id) => targets.check(id));
    const { environments } = await pipelines.get(pipeline);
    const named = environments[environment];
    if (named === undefined || named.length === 0) {
      const known = Object.keys(environments).join(", ") || "none";
      throw new AirfleetError("REQUEST_INVALID", {
        summary: `the pipeline has no instances in an environment "${environment}"; it has: ${known}`,
      });
    }
    return named.map((id) => targets.check(id));
  };

  return {
    async deploy(actor, request) {
      const { pipeline, origin = "deploy", dryRun = false, confirm } = request;
      const configs = await chooseInstances(request);
      const ready = await pipelines.ready(pipeline, { instances: configs.map(({ id }) => id) });
      if (!dryRun) confirmDeployment(configs, confirm);
      const wanted = configs.map((config) => ({
        config,
        instance: config.id,
        artifact: makeArtifact(ready, config, RUNTIME_BUNDLE.name),
      }));
      const before = await Promise.all(configs.map(({ id }) => present(pipeline, id)));
      const recorded = dryRun ? [] : await show(await record(actor, origin, wanted));
      return wanted.map(({ config, artifact }, index) => ({
        instance: config.id,
        dagId: artifact.dagId,
        revision: artifact.revision,
        artifactHash: artifact.hash,
        presentHash: before[index]?.artifactHash ?? null,
        target: placeOf(config),
        deployment: recorded[index] ?? null,
      }));
    },

    async list(query) {
      const { items, next } = await deployments.list(query);
      return { items: await show(items), next };
    },

    get: async (id) => showOne(await find(id)),

    async rollback(actor, id, confirm) {
      const given = await find(id);
      const config = targets.check(given.instance);
      const newest = (await deployments.newest(given.instance, given.dagId)) ?? given;
      const before = await deployments.before(newest);
      const artifact = before === undefined ? undefined : await deployments.artifact(before.artifactId);
      if (artifact === undefined) {
        throw new AirfleetError("DEPLOYMENT_FIRST", {
          pipeline: given.pipelineId,
          instance: given.instance,
          deployment: newest.id,
        });
      }
      confirmDeployment([config], confirm);
      const [recorded] = await record(actor, "rollback", [{ artifact, instance: given.instance }]);
      return showOne(recorded ?? newest);
    },

    async remove(actor, { pipeline, instance, confirm }) {
      const { dagId } = await getPresent(pipeline, instance);
      confirmDeployment([registry.get(instance).config], confirm);
      const removing = await deployments.recordRemoval({ instance, dagId }, toAuthor(actor));
      if (removing === undefined) throw new AirfleetError("DEPLOYMENT_ABSENT", { pipeline, instance });
      onRecorded();
      return showOne(removing);
    },

    async runsInFlight({ instance, dagId }) {
      try {
        const states = ["queued", "running"] as const;
        const { items } = await live.runs(instance, { dagId, states, limit: RUNS_SHOWN });
        return items.map(({ runId }) => runId);
      } catch {
        // The removal goes on whether or not the engine answers now.
        return [];
      }
    },

    async promote(actor, { pipeline, from, to, dryRun, allowMissing, confirm }) {
      const source = await getPresent(pipeline, from);
      const config = targets.check(to);
      const { plan, planHash } = await pipelines.compile(pipeline, "plan", source.revision);
      const { content } = await pipelines.version(pipeline, source.revision);
      const there = await present(pipeline, to);
      const difference =
        there === undefined
          ? null
          : diffPipelines((await pipelines.version(pipeline, there.revision)).content, content);
      const names = config.engine === "airflow" ? await findMissingNames(live, plan, to) : { missing: [], unread: [] };
      const facts = { from, to, revision: source.revision, difference, ...names };
      if (dryRun) return { ...facts, deployment: null };
      if (names.missing.length > 0 && !allowMissing) {
        const missing = names.missing.map(({ kind, name }) => `${kind} "${name}"`).join(", ");
        throw new AirfleetError("PROMOTION_BLOCKED", { to, missing });
      }
      confirmDeployment([config], confirm);
      const version = { id: pipeline, name: content.name, revision: source.revision };
      const artifact = makeArtifact({ pipeline: version, plan, planHash }, config, RUNTIME_BUNDLE.name);
      const [recorded] = await record(actor, "promote", [{ artifact, instance: to }]);
      return { ...facts, deployment: recorded === undefined ? null : await showOne(recorded) };
    },

    async settle(ids, { until, withinMs, signal }) {
      const end = clock.now() + withinMs;
      for (;;) {
        const found = await Promise.all(ids.map(find));
        const isOver = found.every((deployment) => hasCome(deployment, until));
        if (isOver || clock.now() >= end || signal?.aborted === true) return show(found);
        await pause(clock, Math.min(LOOK_MS, Math.max(1, end - clock.now())), signal);
      }
    },

    async onPipelineRemoved(actor, { id }) {
      const { items } = await deployments.list({ pipelineId: id, isCurrent: true, limit: 1_000 });
      const left = items.filter(({ state }) => state !== "removed");
      for (const { instance, dagId, state } of left) {
        const isKnown = registry.list().some(({ config, removed }) => config.id === instance && !removed);
        // An instance that is gone for good keeps no pipeline from being forgotten.
        if (state !== "removing" && isKnown) await deployments.recordRemoval({ instance, dagId }, toAuthor(actor));
      }
      if (left.length > 0) onRecorded();
      return left.every(
        ({ instance }) => !registry.list().some(({ config, removed }) => config.id === instance && !removed),
      );
    },
  };
};
