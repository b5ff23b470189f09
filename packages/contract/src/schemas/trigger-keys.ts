import { TriggerKey } from "@airfleet/model";
import { z } from "zod";
import { InstantSchema } from "./primitives.ts";
import { DocumentIdSchema } from "./subject-rules.ts";

export const TriggerKeyParams = z.strictObject({ key: DocumentIdSchema });

export const TriggerKeyBody = TriggerKey.meta({ id: "TriggerKeyDefinition" });

/** A definition as it is kept. Shared secrets are never shown. */
export const TriggerKeyView = z
  .object({
    id: z.string(),
    instance: z.string(),
    dags: z.array(z.string()),
    replay: z.enum(["refuse", "allow"]),
    enabled: z.boolean(),
    keys: z.array(
      z.object({
        key_id: z.string(),
        type: z.enum(["public", "secret"]),
        algorithm: z.string(),
        public_key: z.string().nullable(),
        not_before: InstantSchema.nullable(),
        not_after: InstantSchema.nullable(),
      }),
    ),
    version: z.number().int(),
    created_at: InstantSchema,
    updated_at: InstantSchema,
  })
  .meta({ id: "TriggerKey" });
