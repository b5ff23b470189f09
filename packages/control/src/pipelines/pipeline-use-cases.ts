import { randomUUID } from "node:crypto";
import { AirfleetError, diffPipelines, type InstanceId, isAirfleetError, type PipelineContent } from "@airfleet/model";
import type { Store, StoredPipeline, StoredPipelineVersion } from "@airfleet/store";
import type { ConnectionTarget } from "../connections/known-connections.ts";
import { toAuthor } from "../documents/author.ts";
import type { Logger } from "../logger.ts";
import { type AirflowRuntime, toArtifact } from "./compile-artifact.ts";
import type { PipelineRemoval, PipelineUseCases, ReadyPipeline } from "./pipeline.ts";
import type { CompileRequest, PipelineCompiler } from "./pipeline-compiler.ts";
import { checkKeepable, toNewContent, withPatch } from "./pipeline-content.ts";
import type { ValidatePipeline } from "./pipeline-validation.ts";
import { toInvalid } from "./refuse-invalid.ts";

interface Ports {
  readonly store: Pick<Store, "pipelines">;
  readonly compiler: PipelineCompiler;
  readonly validate: ValidatePipeline;
  /** What an instance is; undefined for one that is not there (any more). */
  readonly findTarget: (id: InstanceId) => ConnectionTarget | undefined;
  readonly runtime: AirflowRuntime;
  readonly now: () => number;
  readonly logger: Logger;
  readonly onWritten: () => void;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Of something that is only being looked at. */
const NO_ID = "00000000-0000-0000-0000-000000000000";

const toRequest = (pipeline: StoredPipeline): CompileRequest => ({
  id: pipeline.id,
  content: pipeline,
  firstScheduledAt: pipeline.firstScheduledAt,
});

export const createPipelineUseCases = (ports: Ports): PipelineUseCases => {
  const { store, compiler, validate, findTarget, runtime, now, logger, onWritten } = ports;
  const { pipelines } = store;
  let removals: readonly PipelineRemoval[] = [];

  /** Ids are written small; people copy them from elsewhere. */
  const find = (id: string) => pipelines.find(id.toLowerCase());

  const get = async (id: string): Promise<StoredPipeline> => {
    const pipeline = await find(id);
    if (pipeline === undefined) throw new AirfleetError("PIPELINE_UNKNOWN", { id });
    return pipeline;
  };

  const getVersion = async (id: string, revision: number): Promise<StoredPipelineVersion> => {
    const { revision: latest } = await get(id);
    const version = await pipelines.version(id, revision);
    if (version === undefined) throw new AirfleetError("PIPELINE_VERSION_UNKNOWN", { id, revision, latest });
    return version;
  };

  const targetsOf = ({ environments }: PipelineContent, asked?: readonly InstanceId[]): readonly ConnectionTarget[] =>
    [...new Set(asked ?? Object.values(environments).flat())].flatMap((id) => findTarget(id) ?? []);

  /** What is stored with the content: what it compiles to at this time. */
  const compiled = (id: string, content: PipelineContent, firstScheduledAt: number | null) => {
    const at = now();
    const { hash, uses } = compiler.compile({ id, content, firstScheduledAt: firstScheduledAt ?? at });
    return { content, planHash: hash, uses, at };
  };

  const change = async (...[request, edit, actor]: ChangeArguments): Promise<StoredPipeline> => {
    const pipeline = await pipelines.change(
      request,
      (present) => compiled(present.id, edit(present), present.firstScheduledAt),
      toAuthor(actor),
    );
    onWritten();
    return pipeline;
  };

  const create: PipelineUseCases["create"] = async (actor, draft, { id = randomUUID(), note = null } = {}) => {
    checkKeepable(draft);
    const content = toNewContent(draft, actor.id);
    const pipeline = await pipelines.create({ id, note, ...compiled(id, content, null) }, toAuthor(actor));
    onWritten();
    return pipeline;
  };

  const update: PipelineUseCases["update"] = async (actor, id, patch, { revision, note = null } = {}) => {
    checkKeepable(patch);
    return change({ id, revision, note }, (present) => withPatch(present, patch), actor);
  };

  /** Nothing is forgotten while anybody says that something is left of it; the next removal or sweep asks again. */
  const forget: PipelineRemoval = async (actor, pipeline) => {
    for (const removal of removals) {
      try {
        if (!(await removal(actor, pipeline))) return false;
      } catch (error) {
        logger.warn(
          { err: error, pipeline: pipeline.id },
          "what is left of a removed pipeline could not be taken away",
        );
        return false;
      }
    }
    return pipelines.purge(pipeline.id);
  };

  const ready = async (
    pipeline: StoredPipeline,
    options: Parameters<PipelineUseCases["ready"]>[1] = {},
  ): Promise<ReadyPipeline> => {
    const { instances, schedule } = options;
    const request = { ...toRequest(pipeline), ...(schedule === undefined ? {} : { schedule }) };
    const { errors, warnings } = await validate(request, targetsOf(pipeline, instances));
    const { plan, hash } = compiler.compile(request);
    if (plan === null || errors.length > 0) throw toInvalid(pipeline, errors);
    return { pipeline, plan, planHash: hash, warnings };
  };

  return {
    find,
    get,
    create,
    list: (query) => pipelines.list(query),
    count: (filter, most) => pipelines.count(filter, most),

    update,

    async import(actor, draft, { id, onConflict }) {
      const note = "Imported";
      if (id === undefined || !UUID.test(id)) return create(actor, draft, { note });
      const taken = id.toLowerCase();
      try {
        return await create(actor, draft, { id: taken, note });
      } catch (error) {
        if (!isAirfleetError(error, "PIPELINE_EXISTS") || onConflict === "fail") throw error;
      }
      // One that was removed, and is still deployed somewhere, cannot be written to.
      const isThere = onConflict === "replace" && (await pipelines.find(taken)) !== undefined;
      return isThere ? update(actor, taken, draft, { note }) : create(actor, draft, { note });
    },

    async remove(actor, id, { revision } = {}) {
      const pipeline = await pipelines.remove({ id, revision }, toAuthor(actor));
      onWritten();
      await forget(actor, pipeline);
    },

    async duplicate(actor, id, name) {
      const { config, ...present } = await get(id);
      const copy = withPatch({ ...present, config }, { name: name ?? `${present.name.slice(0, 240)} (copy)` });
      const draft = { ...copy, status: "draft", isScheduled: false, environments: {}, owner: actor.id } as const;
      return create(actor, draft, { note: `Copied from ${id}, revision ${present.revision}` });
    },

    async validate(id, instances) {
      const pipeline = await get(id);
      return validate(toRequest(pipeline), targetsOf(pipeline, instances));
    },

    async validateDraft(draft) {
      checkKeepable({ defaultParams: draft.defaultParams });
      const content = toNewContent(draft, null);
      return validate({ id: NO_ID, content, firstScheduledAt: now() }, targetsOf(content));
    },

    ready: async (id, options) => ready(await get(id), options),

    async compile(id, target, revision) {
      const present = await get(id);
      const version = revision === undefined ? undefined : await getVersion(id, revision);
      const pipeline = version === undefined ? present : { ...present, ...version.content, revision: version.revision };
      return toArtifact(await ready(pipeline), target, runtime);
    },

    async versions(id, page) {
      await get(id);
      return pipelines.versions(id, page);
    },

    version: getVersion,

    async diff(id, from, to) {
      const before = await getVersion(id, from);
      const after = await getVersion(id, to);
      return {
        ...diffPipelines(before.content, after.content),
        planChanged: before.planHash !== after.planHash,
      };
    },

    async restore(actor, id, wanted, { revision, note } = {}) {
      const { content } = await getVersion(id, wanted);
      return change({ id, revision, note: note ?? `Restored revision ${wanted}` }, () => content, actor);
    },

    onRemoval(removal) {
      removals = [...removals, removal];
    },
  };
};

type ChangeArguments = readonly [
  request: { readonly id: string; readonly revision: number | undefined; readonly note: string | null },
  edit: (present: StoredPipeline) => PipelineContent,
  actor: Parameters<PipelineUseCases["update"]>[0],
];
