import { z } from "zod";
import { SUBJECT_TYPE_PATTERN } from "../work/subject.ts";

/** What may be kept of the runs of a subject, or of a DAG on an instance. */
export const RETENTION_RULES = [
  "everything",
  "latest_success_and_newest",
  "older_than_latest_success",
  "last_n",
  "failures_days",
] as const;
export type RetentionRuleName = (typeof RETENTION_RULES)[number];

/**
 * What is kept of the runs of one subject, or of one DAG on one instance where runs have no subjects.
 *
 *  - `everything`: all of it; what holds where no policy applies.
 *  - `latest_success_and_newest`: the latest success and the newest run, as the README of django-airflow-client says.
 *  - `older_than_latest_success`: drops what was due before the latest success, as that package's code does; without a
 *    success nothing is dropped.
 *  - `last_n`: the newest `n` finished runs, and the latest success.
 *  - `failures_days`: drops failures (failed, cancelled, lost) that ended more than `days` ago.
 *
 * No rule drops a run that has not finished, nor the latest success. "Latest" and "newest" are by due time, which does
 * not move when an old run is cleared.
 */
export const RetentionRule = z.discriminatedUnion("keep", [
  z.strictObject({ keep: z.literal("everything") }),
  z.strictObject({ keep: z.literal("latest_success_and_newest") }),
  z.strictObject({ keep: z.literal("older_than_latest_success") }),
  z.strictObject({ keep: z.literal("last_n"), n: z.number().int().min(1).max(100_000) }),
  z.strictObject({ keep: z.literal("failures_days"), days: z.number().int().min(1).max(36_500) }),
]);
export type RetentionRule = z.output<typeof RetentionRule>;

/** Where a policy applies; what is absent does not restrict. `*` in a glob stands for any text. */
export const RetentionScope = z.strictObject({
  /** Only runs of subjects of this type; never runs without subjects. */
  subject_type: z.string().regex(SUBJECT_TYPE_PATTERN, "A lower-case word: letters, digits, _ . -").optional(),
  dag: z.string().min(1).max(250).optional(),
  instance: z
    .string()
    .max(64)
    .regex(/^[A-Za-z0-9_.*-]+$/, "No instance id can match this: letters, digits, _ . - and * are possible")
    .optional(),
});
export type RetentionScope = z.output<typeof RetentionScope>;

/** A policy as it is written. */
export const RetentionPolicy = z
  .strictObject({
    description: z.string().max(1_000).default(""),
    enabled: z.boolean().default(true),
    scope: RetentionScope.default({}),
    rule: RetentionRule,
  })
  .meta({ id: "RetentionPolicy" });
export type RetentionPolicy = z.output<typeof RetentionPolicy>;
export type RetentionPolicyInput = z.input<typeof RetentionPolicy>;

/** A policy with the id it is kept under. */
export interface NamedPolicy {
  readonly id: string;
  readonly policy: RetentionPolicy;
}
