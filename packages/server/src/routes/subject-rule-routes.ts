import { ROUTES } from "@airfleet/contract";
import type { Actor, Control, KeptSubjectRule } from "@airfleet/control";
import { AirfleetError } from "@airfleet/model";
import type { RuleApplication } from "@airfleet/store";
import { canSee } from "../access/authorize.ts";
import { readIfMatch, toETag } from "../http/version-tag.ts";
import { toApplicationView, toMatchesView, toSubjectRuleView } from "../views/subject-rule-view.ts";
import { bind } from "./bind.ts";
import { given } from "./given.ts";
import { covers, listedInstances, requireCover } from "./scope.ts";

const WRITE = "policy:write";

/** A rule that is about more instances than the actor sees is not there for them: its globs name instances. */
const isVisible = (actor: Actor, { rule }: KeptSubjectRule): boolean =>
  rule.instances.every((glob) => glob === "*" || covers(actor, [glob]));

const findRule = async (control: Control, actor: Actor, id: string): Promise<KeptSubjectRule | undefined> => {
  const kept = await control.subjectRules.find(id);
  return kept !== undefined && isVisible(actor, kept) ? kept : undefined;
};

/** @throws {AirfleetError} DOCUMENT_UNKNOWN */
const getRule = async (control: Control, actor: Actor, id: string): Promise<KeptSubjectRule> => {
  const kept = await findRule(control, actor, id);
  if (kept === undefined) throw new AirfleetError("DOCUMENT_UNKNOWN", { kind: "subject rule", id });
  return kept;
};

/** Work on instances that the actor does not see is not there for them. @throws {AirfleetError} RULE_APPLICATION_UNKNOWN */
const getApplication = async (control: Control, actor: Actor, id: string): Promise<RuleApplication> => {
  const work = await control.subjectRules.application(id);
  if (isOwnWork(actor, work)) return work;
  throw new AirfleetError("RULE_APPLICATION_UNKNOWN", { application: id });
};

const isOwnWork = (actor: Actor, { instances }: RuleApplication): boolean =>
  instances === null ? actor.instances.includes("*") : instances.every((id) => canSee(actor, id));

/** The rules that tell which objects a run is about. */
export const subjectRuleRoutes = {
  listSubjectRules: bind(ROUTES.listSubjectRules, async ({ actor, control }) => {
    const rules = await control.subjectRules.list();
    return { items: rules.filter((kept) => isVisible(actor, kept)).map(toSubjectRuleView), next_cursor: null };
  }),

  getSubjectRule: bind(ROUTES.getSubjectRule, async ({ actor, control, params, setHeader }) => {
    const kept = await getRule(control, actor, params.rule);
    setHeader("etag", toETag(kept.version));
    return toSubjectRuleView(kept);
  }),

  putSubjectRule: bind(ROUTES.putSubjectRule, async (context) => {
    const { actor, body: rule, control, header, params, setHeader, setStatus } = context;
    await requireCover(control, actor, rule.instances, WRITE);
    const isNew = header("if-match") === undefined && (await findRule(control, actor, params.rule)) === undefined;
    const update = async (): Promise<KeptSubjectRule> => {
      const before = await getRule(control, actor, params.rule);
      // Narrowing a rule takes it from the instances that it was about.
      await requireCover(control, actor, before.rule.instances, WRITE);
      const version = readIfMatch(header("if-match"), `subject rule "${params.rule}"`, before.version);
      return control.subjectRules.update(actor, params.rule, { rule, version });
    };
    const kept = isNew ? await control.subjectRules.create(actor, params.rule, rule) : await update();
    if (isNew) {
      setStatus(201);
      setHeader("location", `/api/v1/subject-rules/${params.rule}`);
    }
    setHeader("etag", toETag(kept.version));
    return toSubjectRuleView(kept);
  }),

  deleteSubjectRule: bind(ROUTES.deleteSubjectRule, async ({ actor, control, header, params }) => {
    const kept = await getRule(control, actor, params.rule);
    await requireCover(control, actor, kept.rule.instances, WRITE);
    const version = readIfMatch(header("if-match"), `subject rule "${params.rule}"`, kept.version);
    await control.subjectRules.remove(actor, params.rule, version);
    return undefined;
  }),

  matchSubjectRules: bind(ROUTES.matchSubjectRules, async ({ actor, body, control }) => {
    const instances = await listedInstances(control, actor, body.instances, "policy:read");
    if (body.rule_id !== undefined) await getRule(control, actor, body.rule_id);
    if (body.run !== undefined) {
      const { instance } = await control.subjects.run(body.run);
      if (!canSee(actor, instance)) throw new AirfleetError("RUN_KEY_UNKNOWN", { run: body.run });
    }
    const matches = await control.subjectRules.match({
      maxRuns: body.max_runs,
      samples: body.samples,
      ...given({ rule: body.rule, ruleId: body.rule_id, run: body.run, instances }),
    });
    return toMatchesView(matches);
  }),

  applySubjectRules: bind(ROUTES.applySubjectRules, async ({ actor, body, control, setHeader }) => {
    const instances = await listedInstances(control, actor, body.instances, WRITE);
    await Promise.all((body.rule_ids ?? []).map((id) => getRule(control, actor, id)));
    const work = await control.subjectRules.apply(actor, given({ ruleIds: body.rule_ids, instances }));
    setHeader("location", `/api/v1/subject-rule-applications/${work.id}`);
    return toApplicationView(work);
  }),

  listRuleApplications: bind(ROUTES.listRuleApplications, async ({ actor, control }) => {
    const works = await control.subjectRules.applications();
    return { items: works.filter((work) => isOwnWork(actor, work)).map(toApplicationView), next_cursor: null };
  }),

  getRuleApplication: bind(ROUTES.getRuleApplication, async ({ actor, control, params }) =>
    toApplicationView(await getApplication(control, actor, params.application)),
  ),

  cancelRuleApplication: bind(ROUTES.cancelRuleApplication, async ({ actor, control, params }) => {
    const { id } = await getApplication(control, actor, params.application);
    return toApplicationView(await control.subjectRules.cancel(actor, id));
  }),
};
