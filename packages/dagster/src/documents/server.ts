import { z } from "zod";
import { defineDocument } from "./document.ts";

/** Version, daemons, and how runs are queued. */
export const serverDocument = defineDocument()(
  "Server",
  "query Server { version instance { id runQueuingSupported runQueueConfig { maxConcurrentRuns tagConcurrencyLimitsYaml } daemonHealth { allDaemonStatuses { daemonType required healthy lastHeartbeatTime } } } }",
  z.object({
    version: z.string(),
    instance: z.object({
      runQueuingSupported: z.boolean(),
      runQueueConfig: z
        .object({ maxConcurrentRuns: z.number(), tagConcurrencyLimitsYaml: z.string().nullish() })
        .nullish(),
      daemonHealth: z.object({
        allDaemonStatuses: z.array(
          z.object({
            daemonType: z.string(),
            required: z.boolean(),
            healthy: z.boolean().nullish(),
            lastHeartbeatTime: z.number().nullish(),
          }),
        ),
      }),
    }),
  }),
);
export type DaemonStatus = z.infer<typeof serverDocument.data>["instance"]["daemonHealth"]["allDaemonStatuses"][number];
