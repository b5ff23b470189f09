import { SubjectRule } from "@airfleet/model";
import { z } from "zod";
import { RunKeySchema } from "./fleet-runs.ts";
import { InstanceIdSchema, InstantSchema } from "./primitives.ts";
import { RunSubjectView } from "./subjects.ts";

/** What a definition that people keep may be called. */
export const DocumentIdSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_.-]{0,63}$/, "Lower-case letters, digits, _ . -, at most 64");

export const SubjectRuleParams = z.strictObject({ rule: DocumentIdSchema });

export const SubjectRuleView = z
  .object({
    id: z.string(),
    version: z.number().int(),
    rule: SubjectRule,
    /** How often it was about a run that was observed, on all servers together. */
    matched_runs: z.number().int(),
    subjects_found: z.number().int(),
    failures: z.number().int(),
    last_matched_at: InstantSchema.nullable(),
    /** Why a run gave no subject where it should have. */
    last_error: z.string().nullable(),
    last_error_at: InstantSchema.nullable(),
    created_at: InstantSchema,
    updated_at: InstantSchema,
  })
  .meta({ id: "StoredSubjectRule" });

export const SubjectRuleMatch = z
  .strictObject({
    /** One that is not stored yet. */
    rule: SubjectRule.optional(),
    /** Or a stored one. Without either: all stored rules that are enabled. */
    rule_id: DocumentIdSchema.optional(),
    instances: z.array(InstanceIdSchema).min(1).max(500).optional(),
    /** Only this run. */
    run: RunKeySchema.optional(),
    /** Stored runs to look at, newest due first. */
    max_runs: z.number().int().min(1).max(100_000).default(10_000),
    samples: z.number().int().min(0).max(100).default(20),
  })
  .refine(({ rule, rule_id }) => rule === undefined || rule_id === undefined, {
    path: ["rule_id"],
    message: "Give a rule or the id of one, not both",
  })
  .meta({ id: "SubjectRuleMatch" });

export const SubjectRuleMatchView = z
  .object({
    examined_runs: z.number().int(),
    /** Not all stored runs were looked at: max_runs, or the time of a request, was over. */
    is_partial: z.boolean(),
    matched_runs: z.number().int(),
    /** Links of runs to subjects. */
    subjects_found: z.number().int(),
    failures: z.number().int(),
    first_failure: z.string().nullable(),
    samples: z.array(
      z.object({
        run: z.string(),
        instance: z.string(),
        dag_id: z.string(),
        dag_run_id: z.string(),
        /** The first of them. */
        subjects: z.array(RunSubjectView),
        subjects_total: z.number().int(),
        problem: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: "SubjectRuleMatches" });

export const SubjectRuleApply = z
  .strictObject({
    /** Absent: all stored rules that are enabled. */
    rule_ids: z.array(DocumentIdSchema).min(1).max(100).optional(),
    instances: z.array(InstanceIdSchema).min(1).max(500).optional(),
  })
  .meta({ id: "SubjectRuleApply" });

export const RuleApplicationParams = z.strictObject({ application: z.string().min(1).max(100) });

export const RuleApplicationView = z
  .object({
    id: z.string(),
    /** Goes on in the background, also after a restart, until it is done or cancelled. */
    state: z.enum(["pending", "running", "done", "cancelled"]),
    actor: z.string(),
    rules: z.array(z.string()),
    instances: z.array(z.string()).nullable(),
    examined_runs: z.number().int(),
    matched_runs: z.number().int(),
    /** Links that were not there before. */
    added_subjects: z.number().int(),
    failures: z.number().int(),
    last_error: z.string().nullable(),
    created_at: InstantSchema,
    updated_at: InstantSchema,
    finished_at: InstantSchema.nullable(),
  })
  .meta({ id: "RuleApplication" });
