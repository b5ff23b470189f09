import { Connection, CONNECTION_KINDS } from "@airfleet/model";
import { z } from "zod";
import { InstanceIdSchema, InstantSchema } from "./primitives.ts";

const ConnectionIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}$/, "Letters, digits, _ . -, at most 200");

export const ConnectionAddress = z.strictObject({ connection: ConnectionIdSchema });

const { password, extra, ...open } = Connection.shape;
const described = {
  ...open,
  description: z.string().max(1_000).default(""),
  password: password.unwrap().optional().describe("Kept encrypted and never shown; left out, the present one stays"),
  extra: extra
    .unwrap()
    .optional()
    .describe("Kept encrypted, only its names are shown; left out, the present one stays"),
};

export const ConnectionBody = z.strictObject(described).meta({ id: "ConnectionBody" });
export const NewConnectionBody = z.strictObject({ id: ConnectionIdSchema, ...described }).meta({ id: "NewConnection" });

export const ConnectionView = z
  .object({
    id: z.string(),
    kind: z.enum(CONNECTION_KINDS),
    description: z.string(),
    host: z.string().nullable(),
    port: z.number().int().nullable(),
    login: z.string().nullable(),
    schema: z.string().nullable(),
    has_password: z.boolean(),
    extra_keys: z.array(z.string()),
    /** Pipelines that name it. */
    used_by: z.number().int(),
    version: z.number().int(),
    created_at: InstantSchema,
    updated_at: InstantSchema,
  })
  .meta({ id: "Connection" });

export const ConnectionCheckBody = z
  .strictObject({ instances: z.array(InstanceIdSchema).max(100).default([]) })
  .meta({ id: "ConnectionCheck" });

export const ConnectionCheckView = z
  .object({
    id: z.string(),
    /** Where steps find it that run beside this server. */
    source: z.enum(["store", "environment"]).nullable(),
    variable: z.string().nullable(),
    kind: z.string().nullable(),
    /** Null: the instance could not be asked. */
    instances: z.array(z.object({ instance: z.string(), has: z.boolean().nullable(), kind: z.string().nullable() })),
    /** Whether something answers at its address; nobody signs in there. */
    reach: z
      .object({ address: z.string(), ok: z.boolean(), milliseconds: z.number(), error: z.string().nullable() })
      .nullable(),
  })
  .meta({ id: "ConnectionChecked" });
