import { type SubjectRef, SUBJECTS_PER_RUN } from "../work/subject.ts";
import type { CapturePattern } from "./capture-pattern.ts";
import type { RuleMistake } from "./compile-subject-rule.ts";
import type { RunFacts } from "./run-facts.ts";
import { subjectIdMistake, subjectUrlMistake, SUBJECT_LABEL_LIMIT, SUBJECT_URL_LIMIT } from "./subject-ref-rules.ts";
import type { SubjectTemplate } from "./subject-rule.ts";
import {
  type Captures,
  type CaptureSource,
  countTexts,
  type Filled,
  fillTemplate,
  parseTextTemplate,
  type TextTemplate,
  TextTemplateMistake,
} from "./text-template.ts";

type Made = SubjectRef | { readonly problem: string };
type Names = Readonly<Record<CaptureSource, readonly string[]>>;

/** One of a rule's subjects, ready to be applied. */
export interface CompiledSubject {
  subjectsOf(facts: RunFacts, captures: Captures): readonly Made[];
}

/** The parts that the patterns of a rule give names to. */
export const namesOf = (patterns: Readonly<Partial<Record<CaptureSource, CapturePattern>>>): Names => ({
  dag_id: patterns.dag_id?.names ?? [],
  run_id: patterns.run_id?.names ?? [],
});

const isFixed = ({ pieces }: TextTemplate): boolean => pieces.every((piece) => typeof piece === "string");
const fixedText = ({ pieces }: TextTemplate): string => pieces.filter((piece) => typeof piece === "string").join("");

/** The host and the slash behind it, before any placeholder: what follows is encoded, and cannot spoil the address. */
const HOST = /^https?:\/\/[^/?#\s@]+[/?#]/i;

/** Whether every filled address is one, so that it need not be taken apart for each subject. */
const isSound = ({ pieces: [first] }: TextTemplate): boolean => {
  const host = typeof first === "string" ? HOST.exec(first)?.[0] : undefined;
  return host !== undefined && subjectUrlMistake(host) === null;
};

/** A value may fill a path or a query, or be the whole address; it must not choose the host. */
const urlTemplateMistake = (template: TextTemplate): string | null => {
  if (isFixed(template)) return subjectUrlMistake(fixedText(template));
  const [first] = template.pieces;
  if (template.pieces.length === 1) return null;
  return typeof first === "string" && HOST.test(first)
    ? null
    : "must begin with http(s)://host/ before the first placeholder, or be one placeholder";
};

const FIELDS = ["id", "label", "url"] as const;

interface Templates {
  readonly id: TextTemplate;
  readonly label: TextTemplate | null;
  readonly url: TextTemplate | null;
  readonly isUrlSound: boolean;
}

const checkTemplates = ({ id, label, url }: Templates): RuleMistake[] => {
  const mistakes: RuleMistake[] = [];
  const idMistake = subjectIdMistake(isFixed(id) ? fixedText(id) : `${fixedText(id)}x`);
  if (idMistake !== null) mistakes.push({ path: ["id"], message: `Can never yield an id: what it makes ${idMistake}` });
  for (const [field, template] of [["label", label] as const, ["url", url] as const]) {
    if (template === null || template.list === null || template.list === id.list) continue;
    mistakes.push({ path: [field], message: "Walks a list that the id does not walk" });
  }
  const urlMistake = url === null ? null : urlTemplateMistake(url);
  if (urlMistake !== null) mistakes.push({ path: ["url"], message: `The address ${urlMistake}` });
  return mistakes;
};

const textOrNull = (filled: Filled | null): string | null => (filled?.kind === "text" ? filled.text : null);

/** A label or link that does not come out is left away; the subject itself is what counts. */
const fillOne = (
  type: string,
  { id, label, url, isUrlSound }: Templates,
  place: Parameters<typeof fillTemplate>[1],
): Made | null => {
  const filled = fillTemplate(id, place);
  if (filled.kind === "missing") return null;
  if (filled.kind === "problem") return { problem: filled.problem };
  const mistake = subjectIdMistake(filled.text);
  if (mistake !== null) return { problem: `the id made of ${type} ${mistake}` };
  const name = textOrNull(label && fillTemplate(label, place));
  const isWhole = url?.pieces.length === 1;
  const link = textOrNull(
    url && fillTemplate(url, place, isWhole ? undefined : (value) => encodeURIComponent(value.toWellFormed())),
  );
  const isLink = link !== null && (isUrlSound ? link.length <= SUBJECT_URL_LIMIT : subjectUrlMistake(link) === null);
  return {
    type,
    id: filled.text,
    ...(name !== null && name.isWellFormed() && { label: name.slice(0, SUBJECT_LABEL_LIMIT).toWellFormed() }),
    ...(isLink && { url: link }),
  };
};

/** @returns null instead of the compiled subject when a template cannot be read at all. */
export const compileSubjectTemplate = (
  template: SubjectTemplate,
  names: Names,
): { readonly compiled: CompiledSubject | null; readonly mistakes: readonly RuleMistake[] } => {
  const mistakes: RuleMistake[] = [];
  const parsed: Partial<Record<(typeof FIELDS)[number], TextTemplate>> = {};
  for (const field of FIELDS) {
    const written = template[field];
    if (written === undefined) continue;
    try {
      parsed[field] = parseTextTemplate(written, names);
    } catch (error) {
      if (!(error instanceof TextTemplateMistake)) throw error;
      mistakes.push({ path: [field], message: `The template ${error.message}` });
    }
  }
  const { id, label = null, url = null } = parsed;
  if (id === undefined) return { compiled: null, mistakes };
  const templates = { id, label, url, isUrlSound: url !== null && isSound(url) };
  mistakes.push(...checkTemplates(templates));
  const compiled: CompiledSubject = {
    subjectsOf(facts, captures) {
      const count = countTexts(id, facts.conf);
      // One more than is kept, so that the caller sees that there were too many.
      const length = Math.min(count, SUBJECTS_PER_RUN + 1);
      return Array.from({ length }, (_, element) =>
        fillOne(template.type, templates, { facts, captures, element }),
      ).filter((made) => made !== null);
    },
  };
  return { compiled, mistakes };
};
