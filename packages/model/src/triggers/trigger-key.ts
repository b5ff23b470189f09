import { z } from "zod";
import { INSTANCE_ID_PATTERN, type InstanceId } from "../ids.ts";
import { VerificationKey } from "../inbox/report-source.ts";

const DagGlob = z.string().min(1).max(250);

/**
 * Who may start runs through the façade of Airflow's experimental API by signing the request's body. As soon as an
 * instance has one that is enabled, its façade starts no run without a signature that one of them holds for.
 */
export const TriggerKey = z.strictObject({
  /** The only instance whose runs it starts. */
  instance: z
    .string()
    .regex(INSTANCE_ID_PATTERN)
    .transform((value) => value as InstanceId),
  /** DAG ids, `*` standing for any text. */
  dags: z.array(DagGlob).min(1).max(100).default(["*"]),
  /** Several hold at a time, so that they can be changed without a gap. */
  keys: z
    .array(VerificationKey)
    .min(1)
    .max(20)
    .refine((keys) => new Set(keys.map(({ key_id }) => key_id)).size === keys.length, "each key_id once"),
  /**
   * What of a signature that does not name its DAG: whoever reads such a request can send it again for another DAG.
   * `allow` is what clients of cwl-airflow-parser need, since they sign `run_id` and `conf` only.
   */
  replay: z.enum(["refuse", "allow"]).default("refuse"),
  enabled: z.boolean().default(true),
});
export type TriggerKey = z.infer<typeof TriggerKey>;
export type TriggerKeyInput = z.input<typeof TriggerKey>;
