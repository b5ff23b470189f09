import {
  AirfleetError,
  type CompiledSubjectRule,
  compileSubjectRule,
  type InstanceId,
  type RunKey,
  SubjectRule,
  type SubjectRuleFields,
} from "@airfleet/model";
import type { AppliedRule, RuleApplication, RuleTally, Store, StoredDocument } from "@airfleet/store";
import type { Actor } from "../actor.ts";
import { matchStoredRuns, type RuleMatches } from "./match-stored-runs.ts";
import { compileStoredRule, type LivingSubjectMatcher } from "./subject-matcher.ts";

/** A stored rule with what it has done. Times are epoch milliseconds. */
export interface KeptSubjectRule {
  readonly id: string;
  readonly version: number;
  readonly rule: SubjectRuleFields;
  readonly tally: RuleTally;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface MatchRules {
  /** Absent together with `ruleId`: all stored rules that are enabled. */
  readonly rule?: SubjectRuleFields;
  readonly ruleId?: string;
  readonly instances?: readonly InstanceId[];
  readonly run?: RunKey;
  readonly maxRuns: number;
  readonly samples: number;
}

/** The rules that tell which objects runs are about. */
export interface SubjectRuleUseCases {
  list(): Promise<readonly KeptSubjectRule[]>;
  find(id: string): Promise<KeptSubjectRule | undefined>;
  /** @throws {AirfleetError} DOCUMENT_EXISTS */
  create(actor: Actor, id: string, rule: SubjectRuleFields): Promise<KeptSubjectRule>;
  /** @throws {AirfleetError} DOCUMENT_UNKNOWN, VERSION_CONFLICT */
  update(
    actor: Actor,
    id: string,
    change: { readonly rule: SubjectRuleFields; readonly version: number },
  ): Promise<KeptSubjectRule>;
  /** @throws {AirfleetError} DOCUMENT_UNKNOWN, VERSION_CONFLICT */
  remove(actor: Actor, id: string, version: number): Promise<void>;
  /** Changes nothing. @throws {AirfleetError} DOCUMENT_UNKNOWN */
  match(request: MatchRules): Promise<RuleMatches>;
  /** Takes the work in; it is done in the background. @throws {AirfleetError} DOCUMENT_UNKNOWN, SUBJECT_RULES_NONE */
  apply(
    actor: Actor,
    request: { readonly ruleIds?: readonly string[]; readonly instances?: readonly InstanceId[] },
  ): Promise<RuleApplication>;
  applications(): Promise<readonly RuleApplication[]>;
  /** @throws {AirfleetError} RULE_APPLICATION_UNKNOWN */
  application(id: string): Promise<RuleApplication>;
  /** @throws {AirfleetError} RULE_APPLICATION_UNKNOWN */
  cancel(actor: Actor, id: string): Promise<RuleApplication>;
}

interface RulePorts {
  readonly store: Pick<Store, "documents" | "runs" | "audit" | "ruleTallies" | "ruleApplications">;
  readonly matcher: LivingSubjectMatcher;
  readonly now: () => number;
  readonly onWritten: () => void;
  /** There is a new application. */
  readonly onApply: () => void;
}

const KIND = "subject_rule";
const SHOWN_APPLICATIONS = 100;
const NOTHING_YET: RuleTally = {
  matchedRuns: 0,
  subjects: 0,
  failures: 0,
  lastMatchedAt: null,
  lastError: null,
  lastErrorAt: null,
};

const unknownRule = (id: string): AirfleetError => new AirfleetError("DOCUMENT_UNKNOWN", { kind: "subject rule", id });
const toAuthor = ({ id, sourceIp, requestId }: Actor) => ({ actor: id, sourceIp, requestId });

/** Bodies were checked when they were written. One of another version that no longer fits is shown as it is. */
const toKept = ({ id, version, body, createdAt, updatedAt }: StoredDocument, tally?: RuleTally): KeptSubjectRule => {
  const parsed = SubjectRule.safeParse(body);
  return {
    id,
    version,
    rule: parsed.success ? parsed.data : (body as unknown as SubjectRuleFields),
    tally: tally ?? NOTHING_YET,
    createdAt,
    updatedAt,
  };
};

export const createSubjectRuleUseCases = (ports: RulePorts): SubjectRuleUseCases => {
  const { store, matcher, now, onWritten, onApply } = ports;
  const { documents, ruleTallies, ruleApplications } = store;

  const note = async (actor: Actor, verb: string, details: object): Promise<void> => {
    const { id, sourceIp, requestId } = actor;
    await store.audit.append({ actor: id, verb, outcome: "done", details: { ...details }, sourceIp, requestId });
    onWritten();
  };

  const find = async (id: string): Promise<KeptSubjectRule | undefined> => {
    const document = await documents.find(KIND, id);
    return document === undefined ? undefined : toKept(document, (await ruleTallies.list()).get(id));
  };

  /** A changed rule holds here at once, and starts without its old error. */
  const written = async (document: StoredDocument): Promise<KeptSubjectRule> => {
    await ruleTallies.forget(document.id);
    await matcher.refresh();
    onWritten();
    return toKept(document);
  };

  const enabledRules = async (): Promise<readonly StoredDocument[]> =>
    (await documents.list(KIND)).filter(({ body }) => body["enabled"] !== false);

  const stored = async (id: string): Promise<StoredDocument> => {
    const document = await documents.find(KIND, id);
    if (document === undefined) throw unknownRule(id);
    return document;
  };

  const rulesToMatch = async ({ rule, ruleId }: MatchRules): Promise<readonly CompiledSubjectRule[]> => {
    // A dry run of a rule that is switched off is what somebody wants who is about to switch it on.
    if (rule !== undefined) return [compileSubjectRule({ ...rule, enabled: true }).compiled];
    if (ruleId === undefined) return (await enabledRules()).map(compileStoredRule);
    const { body } = await stored(ruleId);
    return [compileStoredRule({ body: { ...body, enabled: true } })];
  };

  return {
    find,

    async list() {
      const [kept, tallies] = await Promise.all([documents.list(KIND), ruleTallies.list()]);
      return kept.map((document) => toKept(document, tallies.get(document.id)));
    },

    create: async (actor, id, rule) =>
      written(await documents.create({ kind: KIND, id, body: { ...rule } }, toAuthor(actor))),

    update: async (actor, id, { rule, version }) =>
      written(await documents.update({ kind: KIND, id, body: { ...rule } }, version, toAuthor(actor))),

    async remove(actor, id, version) {
      await documents.remove(KIND, id, version, toAuthor(actor));
      await ruleTallies.forget(id);
      await matcher.refresh();
      onWritten();
    },

    async match(request) {
      const { instances, run, maxRuns, samples } = request;
      return matchStoredRuns({ store, now }, await rulesToMatch(request), {
        maxRuns,
        samples,
        ...(instances !== undefined && { instances }),
        ...(run !== undefined && { run }),
      });
    },

    async apply(actor, { ruleIds, instances }) {
      const chosen =
        ruleIds === undefined ? await enabledRules() : await Promise.all([...new Set(ruleIds)].map(stored));
      if (chosen.length === 0) throw new AirfleetError("SUBJECT_RULES_NONE");
      const rules = chosen.map(({ id, body }): AppliedRule => ({ id, body: { ...body, enabled: true } }));
      const work = await ruleApplications.create({ actor: actor.id, rules, instances: instances ?? null });
      await note(actor, "subject_rule:apply", { application: work.id, rules: rules.map(({ id }) => id) });
      onApply();
      return work;
    },

    applications: () => ruleApplications.list(SHOWN_APPLICATIONS),

    async application(id) {
      const work = await ruleApplications.find(id);
      if (work === undefined) throw new AirfleetError("RULE_APPLICATION_UNKNOWN", { application: id });
      return work;
    },

    async cancel(actor, id) {
      if (await ruleApplications.cancel(id)) await note(actor, "subject_rule:cancel_apply", { application: id });
      return this.application(id);
    },
  };
};
