import { z } from "zod";
import { SUBJECT_TYPE_PATTERN } from "../work/subject.ts";

/**
 * What a subject, or a DAG where runs have no subjects, still needs of its runs.
 *
 *  - `everything`: all of them; what holds where no policy applies.
 *  - `latest_success_and_newest`: the latest success and the newest run, as the README of django-airflow-client says.
 *  - `older_than_latest_success`: all that are not older than the latest success, as its code does; without a success all.
 *  - `last_n`: the newest N.
 *  - `failures_days`: successes, the newest run, and failures that ended within D days.
 *
 * "Latest" and "newest" are by due time, which does not move when an old run is cleared.
 */
export const RETENTION_RULES = [
  "everything",
  "latest_success_and_newest",
  "older_than_latest_success",
  "last_n",
  "failures_days",
] as const;
export type RetentionRuleName = (typeof RETENTION_RULES)[number];

export const RetentionRule = z.discriminatedUnion("rule", [
  z.strictObject({ rule: z.literal("everything") }),
  z.strictObject({ rule: z.literal("latest_success_and_newest") }),
  z.strictObject({ rule: z.literal("older_than_latest_success") }),
  z.strictObject({ rule: z.literal("last_n"), n: z.number().int().min(1).max(100_000) }),
  z.strictObject({ rule: z.literal("failures_days"), days: z.number().int().min(1).max(36_500) }),
]);
export type RetentionRule = z.output<typeof RetentionRule>;

const Globs = (most: number) => z.array(z.string().min(1).max(250)).min(1).max(most);

/** Where a policy applies. What is absent does not restrict. */
export const RetentionScope = z.strictObject({
  /** With types it is about runs of such subjects only, never about runs without subjects. */
  subject_types: z.array(z.string().regex(SUBJECT_TYPE_PATTERN)).min(1).max(100).optional(),
  dags: Globs(500).optional(),
  instances: z
    .array(
      z
        .string()
        .max(64)
        .regex(/^[A-Za-z0-9_.*-]+$/, "No instance id can match this: letters, digits, _ . - and * are possible"),
    )
    .min(1)
    .max(100)
    .optional(),
});
export type RetentionScope = z.output<typeof RetentionScope>;

/** A policy as it is written. */
export const RetentionPolicy = z
  .strictObject({
    description: z.string().max(1_000).default(""),
    enabled: z.boolean().default(true),
    scope: RetentionScope.default({}),
    keep: RetentionRule,
  })
  .meta({ id: "RetentionPolicy" });
export type RetentionPolicy = z.output<typeof RetentionPolicy>;
export type RetentionPolicyInput = z.input<typeof RetentionPolicy>;

/** A policy with the id it is kept under. */
export interface NamedPolicy {
  readonly id: string;
  readonly policy: RetentionPolicy;
}
