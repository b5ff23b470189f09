import {
  RUN_STATES,
  SUBJECT_ID_LIMIT,
  SUBJECT_LABEL_LIMIT,
  SUBJECT_TYPE_PATTERN,
  subjectIdMistake,
  subjectUrlMistake,
} from "@airfleet/model";
import { z } from "zod";
import { RunKeySchema } from "./fleet-runs.ts";
import { InstantSchema, PageQuery, QueryList } from "./primitives.ts";
import { StateWord, StateWordsQuery, StateWordsSchema } from "./state-words.ts";

/** Refuses what a rule of the model finds wrong. */
const without =
  (mistakeIn: (text: string) => string | null) =>
  (text: string, context: z.RefinementCtx<string>): void => {
    const mistake = mistakeIn(text);
    if (mistake !== null) context.addIssue({ code: "custom", message: `It ${mistake}` });
  };

export const SubjectTypeSchema = z
  .string()
  .regex(SUBJECT_TYPE_PATTERN, "A lower-case word: letters, digits, _ . -, at most 64")
  .meta({ description: "What kind of object it is, in its owner's word", example: "finding-aid" });

export const SubjectIdSchema = z
  .string()
  .min(1)
  .max(SUBJECT_ID_LIMIT)
  .superRefine(without(subjectIdMistake))
  .meta({ description: "The owner's id of the object; any text", example: "ark:/13030/kt1b69q8d0" });

const Label = z.string().max(SUBJECT_LABEL_LIMIT).nullable().optional();
const Url = z.string().superRefine(without(subjectUrlMistake)).nullable().optional();

export const SubjectAddress = z.strictObject({ type: SubjectTypeSchema, id: SubjectIdSchema });

/** A subject as callers name it, with what they may say of it. Null takes away, absent leaves. */
export const SubjectRefBody = z
  .strictObject({ type: SubjectTypeSchema, id: SubjectIdSchema, label: Label, url: Url })
  .meta({ id: "SubjectRef" });

export const SubjectDescription = z.strictObject({ label: Label, url: Url }).meta({ id: "SubjectDescription" });

const SUBJECT_STATES = ["none", "pending", "queued", "running", "success", "failed", "cancelled", "lost"] as const;

/** A run as a subject's page shows it. */
export const SubjectRunView = z
  .object({
    id: z.string(),
    instance: z.string(),
    dag_id: z.string(),
    dag_run_id: z.string(),
    state: z.enum(RUN_STATES),
    state_word: StateWord,
    due_at: InstantSchema,
    started_at: InstantSchema.nullable(),
    ended_at: InstantSchema.nullable(),
    /** Where our API shows the run. */
    href: z.string(),
    /** The run's page in the engine's own interface; null when the instance is no more. */
    ui_url: z.string().nullable(),
  })
  .meta({ id: "SubjectRun" });

export const SubjectView = z
  .object({
    type: z.string(),
    id: z.string(),
    label: z.string().nullable(),
    url: z.string().nullable(),
    /** An active run's, else how the newest finished run ended. */
    state: z.enum(SUBJECT_STATES),
    /** Null while there is no run and no trigger. */
    state_word: z.string().nullable().optional(),
    last_success: SubjectRunView.nullable(),
    current_run: SubjectRunView.nullable(),
    last_failure: SubjectRunView.nullable(),
    newest_run: SubjectRunView.nullable(),
    /** Ids of triggers that have not yet become a run. */
    pending_triggers: z.array(z.string()),
    counts: z.object({
      total: z.number().int(),
      success: z.number().int(),
      failed: z.number().int(),
      active: z.number().int(),
    }),
    first_seen_at: InstantSchema,
    changed_at: InstantSchema,
  })
  .meta({ id: "Subject" });

/** `7d`, `36h`: how long ago. */
const Age = z.string().regex(/^[1-9]\d{0,5}[smhd]$/, "A number with s, m, h or d, such as 7d");

export const SubjectListQuery = z.strictObject({
  ...PageQuery,
  ...StateWordsQuery.shape,
  type: SubjectTypeSchema.optional(),
  state: QueryList.pipe(z.array(z.enum(SUBJECT_STATES))).optional(),
  text: z.string().min(1).max(250).optional().meta({ description: "Part of the id or label, ignoring case" }),
  no_success_for: Age.optional().meta({
    description: "Only those without a success for so long, longest first",
    example: "7d",
  }),
  instance: QueryList.optional().meta({ description: "Only subjects with runs on these; counts are of these alone" }),
});

export const SubjectByRefQuery = z.strictObject({ ...SubjectAddress.shape, ...StateWordsQuery.shape });

export const SubjectLookup = z
  .strictObject({
    subjects: z.array(SubjectAddress).min(1).max(100),
    state_words: StateWordsSchema.optional(),
  })
  .meta({ id: "SubjectLookup" });
/** In the order asked for; null for one that is not known. */
export const SubjectLookupAnswer = z.object({ items: z.array(SubjectView.nullable()) }).meta({ id: "SubjectsFound" });

export const SubjectRunsQuery = z.strictObject({
  ...PageQuery,
  ...StateWordsQuery.shape,
  state: QueryList.pipe(z.array(z.enum(RUN_STATES))).optional(),
  instance: QueryList.optional(),
});
export const RunSubjectParams = z.strictObject({ run: RunKeySchema, ...SubjectAddress.shape });
export const RunSubjectView = z
  .object({ type: z.string(), id: z.string(), label: z.string().nullable(), url: z.string().nullable() })
  .meta({ id: "RunSubject" });
export const RunSubjectsAdd = z
  .strictObject({ subjects: z.array(SubjectRefBody).min(1).max(10_000) })
  .meta({ id: "RunSubjectsAdd" });
export const RunSubjectsAdded = z
  .object({
    /** How many the run did not have before. */
    added: z.number().int(),
    subjects_total: z.number().int(),
  })
  .meta({ id: "RunSubjectsAdded" });
