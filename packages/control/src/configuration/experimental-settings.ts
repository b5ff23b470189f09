import { INSTANCE_ID_PATTERN } from "@airfleet/model";
import { z } from "zod";

/** What of `airfleet.yaml` is about the experimental API of Airflow 1.10 that we answer. */
export const Experimental = z.strictObject({
  default_instance: z
    .string()
    .regex(INSTANCE_ID_PATTERN)
    .optional()
    .describe("Instance that /api/experimental speaks of. Absent: the only Airflow there is."),
});
