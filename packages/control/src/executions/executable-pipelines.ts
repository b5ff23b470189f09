import { toDagName, toStepId } from "@airfleet/compiler";
import { isAirfleetError, parsePipelineConfig } from "@airfleet/model";
import type { PipelineUseCases } from "../pipelines/pipeline.ts";
import type { ExecutablePipelines } from "./execution-ports.ts";

/** What executing wants of the pipelines. */
export const createExecutablePipelines = (
  pipelines: Pick<PipelineUseCases, "ready" | "get" | "version" | "update">,
): ExecutablePipelines => ({
  async sound(id) {
    const { pipeline } = await pipelines.ready(id);
    const { name, revision, defaultParams, environments } = pipeline;
    return { id: pipeline.id, name, revision, dagId: toDagName(pipeline.id), defaultParams, environments };
  },

  async steps(id, revision) {
    try {
      const { config } = revision === null ? await pipelines.get(id) : (await pipelines.version(id, revision)).content;
      return parsePipelineConfig(config).config.nodes.map((node) => ({
        step: toStepId(node.id),
        node: node.id,
        label: node.data.label ?? null,
      }));
    } catch (error) {
      // Removed since; what ran is still worth telling.
      if (!isAirfleetError(error, "PIPELINE_UNKNOWN", "PIPELINE_VERSION_UNKNOWN")) throw error;
      return [];
    }
  },

  async setSchedule(id, schedule, actor) {
    const patch =
      schedule === null
        ? { schedule: null, isScheduled: false }
        : { schedule: schedule.cron, timeZone: schedule.timeZone, isScheduled: schedule.isActive };
    await pipelines.update(actor, id, patch);
  },
});
