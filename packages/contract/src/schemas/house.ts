import { CONFIG_KINDS } from "@airfleet/model";
import { z } from "zod";
import { ROLES } from "../permissions.ts";
import { Confirm, InstantSchema, PageQuery, QueryList } from "./primitives.ts";

export const AuditView = z
  .object({
    /** Position in the chain; null for the instant before the sequencer reached it. */
    seq: z.number().int().nullable(),
    at: InstantSchema,
    actor: z.string(),
    verb: z.string(),
    outcome: z.enum(["requested", "done", "failed", "unknown", "denied"]),
    instance: z.string().nullable(),
    dag_id: z.string().nullable(),
    dag_run_id: z.string().nullable(),
    task_id: z.string().nullable(),
    action: z.string().nullable(),
    /** Before and after, the result or the error; secrets taken out. */
    details: z.record(z.string(), z.unknown()),
    source_ip: z.string().nullable(),
    request_id: z.string().nullable(),
    hash: z.string().nullable(),
  })
  .meta({ id: "AuditEntry" });

export const AuditListQuery = z.strictObject({
  ...PageQuery,
  instance: QueryList.optional(),
  actor: z.string().max(200).optional(),
  verb: QueryList.optional(),
  dag_id: z.string().max(250).optional(),
  since: InstantSchema.optional(),
  until: InstantSchema.optional(),
});

export const AuditVerification = z
  .object({
    ok: z.boolean(),
    rows: z.number().int(),
    last_seq: z.number().int(),
    head: z.string().nullable(),
    broken_at: z.number().int().nullable(),
    reason: z.string().nullable(),
  })
  .meta({ id: "AuditVerification" });

export const TokenView = z
  .object({
    id: z.string(),
    name: z.string(),
    role: z.enum(ROLES),
    instances: z.array(z.string()),
    created_at: InstantSchema,
    expires_at: InstantSchema.nullable(),
    last_used_at: InstantSchema.nullable(),
    revoked_at: InstantSchema.nullable(),
  })
  .meta({ id: "Token" });

export const TokenCreate = z
  .strictObject({
    name: z.string().min(1).max(100),
    role: z.enum(ROLES),
    /** Instances it may touch; `*` stands for any text. */
    instances: z
      .array(z.string().regex(/^[A-Za-z0-9_.*-]{1,64}$/))
      .min(1)
      .max(100)
      .default(["*"]),
    expires_in_days: z.number().int().min(1).max(3_650).default(90),
  })
  .meta({ id: "TokenCreate" });

export const TokenCreated = TokenView.extend({ token: z.string() }).meta({ id: "TokenCreated" });

export const ConfigEntryView = z
  .object({
    kind: z.enum(CONFIG_KINDS),
    key: z.string(),
    description: z.string().nullable(),
    value_hash: z.string().nullable(),
    facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  })
  .meta({ id: "ConfigEntry" });

/** What to write; fields of another kind than the path's are refused. Values are never echoed. */
export const ConfigEntryPut = z
  .strictObject({
    value: z.string().optional(),
    conn_type: z.string().optional(),
    host: z.string().optional(),
    schema: z.string().optional(),
    login: z.string().optional(),
    password: z.string().optional(),
    port: z.number().int().optional(),
    extra: z.string().optional(),
    slots: z.number().int().optional(),
    description: z.string().optional(),
    confirm: Confirm,
  })
  .meta({ id: "ConfigEntryPut" });

export const SettingView = z
  .object({ key: z.string(), value: z.unknown(), source: z.string() })
  .meta({ id: "Setting" });

export const VersionView = z
  .object({ name: z.literal("airfleet"), version: z.string(), node: z.string().nullable() })
  .meta({ id: "Version" });
export const HealthView = z
  .object({ status: z.enum(["ok", "failing", "draining"]), checks: z.record(z.string(), z.string()).optional() })
  .meta({ id: "HealthStatus" });
