import { z } from "zod";
import { PERMISSIONS, ROLES } from "../permissions.ts";
import { InstantSchema } from "./primitives.ts";

/** Who a browser or program is here, and what it may do. */
export const SessionView = z
  .object({
    /** local: nobody signs in, everybody on this machine is admin. */
    auth_mode: z.enum(["local", "token"]),
    signed_in: z.boolean(),
    /** As the audit trail names the caller. */
    actor: z.string().nullable(),
    role: z.enum(ROLES).nullable(),
    /** Globs of the instances in scope. */
    instances: z.array(z.string()),
    permissions: z.array(z.enum(PERMISSIONS)),
    /** When a browser has to sign in again; null without a session cookie. */
    expires_at: InstantSchema.nullable(),
  })
  .meta({ id: "Session" });

export const SessionCreate = z.strictObject({ token: z.string().min(1).max(512) }).meta({ id: "SessionCreate" });
