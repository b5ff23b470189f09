import { z } from "zod";
import { SUBJECT_TYPE_PATTERN } from "../work/subject.ts";
import { compileSubjectRule } from "./compile-subject-rule.ts";

const Template = z.string().min(1).max(4_000);
const Scalar = z.union([z.string().max(2_000), z.number(), z.boolean()]);

/** A glob over instance ids: anything else than their letters and `*` could never match. */
const InstanceGlob = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9_.*-]+$/, "No instance id can match this: letters, digits, _ . - and * are possible");
const DagGlob = z.string().min(1).max(250);

const SubjectTemplate = z.strictObject({
  type: z.string().regex(SUBJECT_TYPE_PATTERN, "A lower-case word: letters, digits, _ . -"),
  /** Text with placeholders; `{{ conf.ids[] }}` gives one subject per element. */
  id: Template,
  label: Template.optional(),
  url: Template.optional(),
});
export type SubjectTemplate = z.output<typeof SubjectTemplate>;

const Fields = z.strictObject({
  description: z.string().max(1_000).default(""),
  enabled: z.boolean().default(true),
  instances: z.array(InstanceGlob).min(1).max(100).default(["*"]),
  dags: z.array(DagGlob).min(1).max(500),
  /** Only runs whose conf has these values, or one of a list of them. Keys are places such as `conf.preview`. */
  when: z.record(z.string().max(300), z.union([Scalar, z.array(Scalar).min(1).max(100)])).default({}),
  /** Takes parts out of the ids, as `cinco__{ark}__*`; used as `{{ run_id.ark }}`. */
  capture: z
    .strictObject({ dag_id: z.string().min(1).max(300).optional(), run_id: z.string().min(1).max(300).optional() })
    .default({}),
  subjects: z.array(SubjectTemplate).min(1).max(20),
});

/** A rule as it is written: which runs it is about, and which business objects those are about. */
export type SubjectRuleFields = z.output<typeof Fields>;

/** The same, refused with a finding per place when it could never work. */
export const SubjectRule = Fields.superRefine((rule, context) => {
  for (const { path, message } of compileSubjectRule(rule).mistakes) {
    context.addIssue({ code: "custom", path: [...path], message });
  }
}).meta({ id: "SubjectRule" });
export type SubjectRuleInput = z.input<typeof SubjectRule>;
