import {
  type CompiledSubjectRule,
  compileSubjectRule,
  type RunFacts,
  SubjectRule,
  type SubjectRef,
} from "@airfleet/model";
import type { RuleTally } from "@airfleet/store";
import type { Logger } from "../logger.ts";
import { createRuleTallies } from "./rule-tallies.ts";

/** Tells which business objects a run is about, by the rules of kind `subject_rule`. */
export interface SubjectMatcher {
  /** Without waiting, and without ever throwing: a rule that fails is counted, logged once, and passed over. */
  match(facts: RunFacts): readonly SubjectRef[];
}

/** The matcher with what keeps it fresh. */
export interface LivingSubjectMatcher extends SubjectMatcher {
  /** Reads the rules again when any of them has changed. */
  refresh(): Promise<void>;
  /** What has been counted since the last call, by rule. */
  takeTallies(): ReadonlyMap<string, RuleTally>;
}

/** A rule as it is stored; the body is whatever was written. */
interface StoredRule {
  readonly id: string;
  readonly body: unknown;
}

/** Where rules are kept: the store's documents. */
interface RuleDocuments {
  list(kind: "subject_rule"): Promise<readonly StoredRule[]>;
  revision(kind: "subject_rule"): Promise<number>;
}

interface MatcherPorts {
  readonly documents: RuleDocuments;
  readonly now: () => number;
  readonly logger: Logger;
}

interface UsableRule {
  readonly id: string;
  readonly rule: CompiledSubjectRule;
}

/**
 * A stored rule, checked once more: an older or newer server may have written it.
 *
 * @throws {Error} with what is wrong with it
 */
export const compileStoredRule = ({ body }: Pick<StoredRule, "body">): CompiledSubjectRule => {
  const parsed = SubjectRule.safeParse(body);
  if (parsed.success) return compileSubjectRule(parsed.data).compiled;
  throw new Error(parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "));
};

export const createSubjectMatcher = ({ documents, now, logger }: MatcherPorts): LivingSubjectMatcher => {
  const tallies = createRuleTallies(now);
  /** Rules that have been complained of since they were last changed. */
  const complained = new Set<string>();
  let rules: readonly UsableRule[] = [];
  let known: number | undefined;

  const complain = (id: string, problem: string): void => {
    tallies.failed(id, problem);
    if (complained.has(id)) return;
    complained.add(id);
    logger.warn({ rule: id, problem }, "a subject rule does not work; it is passed over where it fails");
  };

  const load = (stored: readonly StoredRule[]): readonly UsableRule[] =>
    stored.flatMap((document) => {
      try {
        return [{ id: document.id, rule: compileStoredRule(document) }];
      } catch (error) {
        complain(document.id, error instanceof Error ? error.message : String(error));
        return [];
      }
    });

  const applyOne = ({ id, rule }: UsableRule, facts: RunFacts): readonly SubjectRef[] => {
    try {
      const { matched, subjects, problem } = rule.apply(facts);
      if (matched) tallies.matched(id, subjects.length);
      if (problem !== null) complain(id, problem);
      return subjects;
    } catch (error) {
      complain(id, error instanceof Error ? error.message : String(error));
      return [];
    }
  };

  return {
    match(facts) {
      const found = new Map<string, SubjectRef>();
      for (const usable of rules) {
        for (const subject of applyOne(usable, facts)) {
          const key = `${subject.type}\n${subject.id}`;
          // A later rule may know the label where an earlier one does not.
          found.set(key, { ...found.get(key), ...subject });
        }
      }
      return [...found.values()];
    },

    async refresh() {
      // Before the rules are read: a change in between is then seen by the next refresh.
      const revision = await documents.revision("subject_rule");
      if (revision === known) return;
      const stored = await documents.list("subject_rule");
      complained.clear();
      rules = load(stored);
      known = revision;
    },

    takeTallies: () => tallies.take(),
  };
};
