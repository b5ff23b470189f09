import type { ComponentHealth, InstanceHealth } from "@airfleet/model";
import { z } from "zod";
import { toInstantOrNull } from "./instant.ts";

const Part = z.object({ status: z.string().nullish() }).loose().nullish();

const NAMES = [
  "metadatabase",
  "scheduler",
  "triggerer",
  "dag_processor",
] as const satisfies readonly ComponentHealth["name"][];

/**
 * `/health` and `/monitor/health`, the same in both generations and always 200: the parts are what counts. A part that
 * does not exist there has a null status; that is no illness, a dead scheduler is.
 */
export const HealthShape = z
  .object({ metadatabase: Part, scheduler: Part, triggerer: Part, dag_processor: Part })
  .transform((answer): InstanceHealth => {
    const components = NAMES.map((name): ComponentHealth => {
      const part = answer[name];
      const heartbeat = part?.[`latest_${name}_heartbeat`];
      return {
        name,
        status: part?.status === "healthy" || part?.status === "unhealthy" ? part.status : "unknown",
        heartbeatAt: toInstantOrNull(typeof heartbeat === "string" ? heartbeat : null),
      };
    });
    return { healthy: components.every(({ status }) => status !== "unhealthy"), components };
  });
