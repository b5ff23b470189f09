import { RetentionPolicy } from "@airfleet/model";
import { z } from "zod";
import { InstanceIdSchema, InstantSchema } from "./primitives.ts";
import { DocumentIdSchema } from "./subject-rules.ts";

export const RetentionPolicyParams = z.strictObject({ policy: DocumentIdSchema });

export const RetentionPolicyView = z
  .object({
    id: z.string(),
    version: z.number().int(),
    policy: RetentionPolicy,
    created_at: InstantSchema,
    updated_at: InstantSchema,
  })
  .meta({ id: "StoredRetentionPolicy" });

export const RetentionPreview = z
  .strictObject({
    /** Judged as if it were stored: it takes its place by its scope among the others. */
    policy: RetentionPolicy.optional(),
    /** The id of the given policy, for one that is to replace a stored one. */
    policy_id: DocumentIdSchema.optional(),
    instances: z.array(InstanceIdSchema).min(1).max(500).optional(),
    /** Stored runs to look at, oldest due first. */
    max_runs: z.number().int().min(1).max(1_000_000).default(100_000),
    samples: z.number().int().min(0).max(500).default(50),
  })
  .meta({ id: "RetentionPreview" });

const Reason = z.object({
  policy: z.string(),
  /** Null: the run has no subjects, and was judged with its DAG. */
  subject: z.object({ type: z.string(), id: z.string() }).nullable(),
});

export const RetentionPreviewView = z
  .object({
    looked_at: z.number().int(),
    /** Not all stored runs were looked at: max_runs, or the time of a request, was over. */
    is_partial: z.boolean(),
    would_go: z.number().int(),
    /** By the policies that let them go; a run with several counts for each. */
    by_policy: z.record(z.string(), z.number().int()),
    samples: z.array(
      z.object({
        run: z.string(),
        instance: z.string(),
        dag_id: z.string(),
        dag_run_id: z.string(),
        state: z.string(),
        due_at: InstantSchema,
        /** Each who could have needed it, and the policy by which they do not; the first of them. */
        reasons: z.array(Reason),
        reasons_total: z.number().int(),
      }),
    ),
  })
  .meta({ id: "RetentionPreviewed" });

export const RetentionSweepView = z
  .object({
    /** The next sweep begins at once, in the background. */
    state: z.enum(["started"]),
  })
  .meta({ id: "RetentionSweep" });

export const RetentionStatusView = z
  .object({
    /** The sweep that is under way, and how far it had come a moment ago; null while there is none. */
    running_sweep: z
      .object({
        started_at: InstantSchema,
        noted_at: InstantSchema,
        looked_at: z.number().int(),
        removed: z.number().int(),
      })
      .nullable(),
    /** Of the last sweep that looked at every run; null before it. */
    last_sweep: z
      .object({
        started_at: InstantSchema,
        finished_at: InstantSchema,
        looked_at: z.number().int(),
        removed: z.number().int(),
      })
      .nullable(),
  })
  .meta({ id: "RetentionStatus" });
