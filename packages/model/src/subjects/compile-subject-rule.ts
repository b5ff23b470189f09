import { matchesGlob } from "../text/glob.ts";
import { type SubjectRef, SUBJECTS_PER_RUN } from "../work/subject.ts";
import { type CapturePattern, CapturePatternMistake, parseCapturePattern } from "./capture-pattern.ts";
import { compileCondition, type Condition } from "./rule-condition.ts";
import type { RunFacts } from "./run-facts.ts";
import type { SubjectRuleFields } from "./subject-rule.ts";
import { type CompiledSubject, compileSubjectTemplate, namesOf } from "./subject-template.ts";
import { CAPTURE_SOURCES, type Captures, type CaptureSource } from "./text-template.ts";

/** What is wrong in a rule, and where. */
export interface RuleMistake {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What a rule makes of a run. */
export interface RuleOutcome {
  /** Instance, DAG, conditions and patterns fit. */
  readonly matched: boolean;
  readonly subjects: readonly SubjectRef[];
  /** Why something that should have been a subject is none; null when all is well. A missing value is no problem. */
  readonly problem: string | null;
}

export interface CompiledSubjectRule {
  apply(facts: RunFacts): RuleOutcome;
}

const NO_MATCH: RuleOutcome = { matched: false, subjects: [], problem: null };
const NOTHING_CAPTURED = {};

interface Parts {
  readonly conditions: readonly Condition[];
  readonly patterns: Readonly<Partial<Record<CaptureSource, CapturePattern>>>;
  readonly subjects: readonly CompiledSubject[];
}

const captureAll = (patterns: Parts["patterns"], facts: RunFacts): Captures | null => {
  const dag = patterns.dag_id === undefined ? NOTHING_CAPTURED : patterns.dag_id.capture(facts.dagId);
  const run = patterns.run_id === undefined ? NOTHING_CAPTURED : patterns.run_id.capture(facts.runId);
  return dag === null || run === null ? null : { dag_id: dag, run_id: run };
};

const applyWith = ({ enabled, instances, dags }: SubjectRuleFields, parts: Parts): CompiledSubjectRule => {
  const places = instances.map((glob) => glob.toLowerCase());
  const isAbout = ({ instance, dagId }: RunFacts): boolean =>
    dags.some((glob) => matchesGlob(glob, dagId)) &&
    places.some((glob) => glob === "*" || matchesGlob(glob, instance.toLowerCase()));
  return {
    apply(facts) {
      if (!enabled || !isAbout(facts) || !parts.conditions.every((holds) => holds(facts.conf))) return NO_MATCH;
      const captures = captureAll(parts.patterns, facts);
      if (captures === null) return NO_MATCH;
      const found = new Map<string, SubjectRef>();
      let problem: string | null = null;
      for (const subject of parts.subjects) {
        for (const made of subject.subjectsOf(facts, captures)) {
          if ("problem" in made) problem ??= made.problem;
          else if (found.size < SUBJECTS_PER_RUN) found.set(`${made.type}\n${made.id}`, made);
          else problem ??= `more than ${SUBJECTS_PER_RUN} subjects; the rest is left out`;
        }
      }
      return { matched: true, subjects: [...found.values()], problem };
    },
  };
};

/**
 * Checks a rule and makes it quick to apply. With mistakes it is not to be used.
 *
 * Applying reads data only: no expression of the rule's author is evaluated, and the time is bounded by the size of the
 * conf times the size of the rule.
 */
export const compileSubjectRule = (
  rule: SubjectRuleFields,
): { readonly compiled: CompiledSubjectRule; readonly mistakes: readonly RuleMistake[] } => {
  const mistakes: RuleMistake[] = [];
  const conditions = Object.entries(rule.when).flatMap(([place, wanted]) => {
    const condition = compileCondition(place, wanted);
    if (typeof condition === "function") return [condition];
    mistakes.push({ path: ["when", place], message: condition.mistake });
    return [];
  });
  const patterns: Partial<Record<CaptureSource, CapturePattern>> = {};
  for (const source of CAPTURE_SOURCES) {
    const written = rule.capture[source];
    if (written === undefined) continue;
    try {
      patterns[source] = parseCapturePattern(written);
    } catch (error) {
      if (!(error instanceof CapturePatternMistake)) throw error;
      mistakes.push({ path: ["capture", source], message: `The pattern ${error.message}` });
    }
  }
  const names = namesOf(patterns);
  const subjects = rule.subjects.flatMap((template, index) => {
    const { compiled, mistakes: found } = compileSubjectTemplate(template, names);
    mistakes.push(...found.map(({ path, message }) => ({ path: ["subjects", index, ...path], message })));
    return compiled === null ? [] : [compiled];
  });
  return { compiled: applyWith(rule, { conditions, patterns, subjects }), mistakes };
};
