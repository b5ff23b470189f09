import { ROUTES } from "@airfleet/contract";
import type { Actor, Control } from "@airfleet/control";
import { AirfleetError, type RunKey, type SubjectRef } from "@airfleet/model";
import type { StoredRun } from "@airfleet/store";
import { canSee } from "../access/authorize.ts";
import { toFleetRunView } from "../views/fleet-run-view.ts";
import { runLinks, type SubjectViewing, toRunSubjectView, toSubjectView } from "../views/subject-view.ts";
import { bind } from "./bind.ts";
import { given } from "./given.ts";
import { listedInstances } from "./scope.ts";
import { toAgeMs, toStateWords } from "./subject-query.ts";

const PERMISSION = "subject:read";

const viewing = (control: Control, words: string | undefined): SubjectViewing => ({
  instances: control.instances.list(),
  words: toStateWords(words),
});

/** A run out of scope is answered as one that does not exist. @throws {AirfleetError} RUN_KEY_UNKNOWN */
const visibleRun = async (control: Control, actor: Actor, key: RunKey): Promise<StoredRun> => {
  const run = await control.subjects.run(key);
  if (!canSee(actor, run.instance)) throw new AirfleetError("RUN_KEY_UNKNOWN", { run: key });
  return run;
};

/** Without what is absent, since null takes away and absent leaves. */
const toRef = (ref: {
  readonly type: string;
  readonly id: string;
  readonly label?: string | null | undefined;
  readonly url?: string | null | undefined;
}): SubjectRef => ({ type: ref.type, id: ref.id, ...given({ label: ref.label, url: ref.url }) });

interface Asked {
  readonly actor: Actor;
  readonly control: Control;
  readonly setHeader: (name: string, value: string) => void;
}

const showSubject = async (
  { actor, control, setHeader }: Asked,
  subject: Pick<SubjectRef, "type" | "id">,
  words: string | undefined,
) => {
  const instances = await listedInstances(control, actor, undefined, PERMISSION);
  const found = await control.subjects.get({ type: subject.type, id: subject.id }, instances);
  const links = runLinks(found);
  if (links !== undefined) setHeader("link", links);
  return toSubjectView(found, viewing(control, words));
};

/** The objects that runs are about. */
export const subjectRoutes = {
  listSubjects: bind(ROUTES.listSubjects, async ({ actor, control, query }) => {
    const instances = await listedInstances(control, actor, query.instance, PERMISSION);
    const { no_success_for: age } = query;
    const page = await control.subjects.list({
      limit: query.limit,
      ...given({
        instances,
        type: query.type,
        states: query.state,
        text: query.text,
        noSuccessSince: age === undefined ? undefined : Date.now() - toAgeMs(age),
        after: query.cursor,
      }),
    });
    const view = viewing(control, query.state_words);
    return { items: page.items.map((subject) => toSubjectView(subject, view)), next_cursor: page.next };
  }),

  getSubject: bind(ROUTES.getSubject, (context) => showSubject(context, context.params, context.query.state_words)),

  getSubjectByRef: bind(ROUTES.getSubjectByRef, (context) =>
    showSubject(context, context.query, context.query.state_words),
  ),

  lookupSubjects: bind(ROUTES.lookupSubjects, async ({ actor, body, control }) => {
    const instances = await listedInstances(control, actor, undefined, PERMISSION);
    const found = await control.subjects.lookup(body.subjects, instances);
    const view = viewing(control, body.state_words);
    return { items: found.map((subject) => (subject === undefined ? null : toSubjectView(subject, view))) };
  }),

  listSubjectRuns: bind(ROUTES.listSubjectRuns, async ({ actor, control, params, query }) => {
    const instances = await listedInstances(control, actor, query.instance, PERMISSION);
    const words = toStateWords(query.state_words);
    const page = await control.subjects.runs(params, {
      limit: query.limit,
      ...given({ instances, states: query.state, after: query.cursor }),
    });
    const items = (await control.runs.describe(page.items)).map((run) => toFleetRunView(run, words));
    return { items, next_cursor: page.next };
  }),

  putSubject: bind(ROUTES.putSubject, async ({ actor, body, control, params, query }) => {
    const instances = await listedInstances(control, actor, undefined, PERMISSION);
    const described = await control.subjects.describe(actor, toRef({ ...params, ...body }), instances);
    return toSubjectView(described, viewing(control, query.state_words));
  }),

  deleteSubject: bind(ROUTES.deleteSubject, async ({ actor, control, params }) => {
    const instances = await listedInstances(control, actor, undefined, PERMISSION);
    if (instances !== undefined) {
      // What it forgets may hang on instances that this caller does not see.
      await control.subjects.get(params, instances);
      const resource = `subject ${params.type} of all instances`;
      await control.audit.denied(actor, "subject:write", resource);
      throw new AirfleetError("FORBIDDEN", { actor: actor.id, permission: "subject:write", resource });
    }
    await control.subjects.remove(actor, params);
    return undefined;
  }),

  listRunSubjects: bind(ROUTES.listRunSubjects, async ({ actor, control, params, query }) => {
    const { key } = await visibleRun(control, actor, params.run);
    const page = await control.subjects.ofRun({ key, limit: query.limit, ...given({ after: query.cursor }) });
    return { items: page.items.map(toRunSubjectView), next_cursor: page.next };
  }),

  addRunSubjects: bind(ROUTES.addRunSubjects, async ({ actor, body, control, params }) => {
    const run = await visibleRun(control, actor, params.run);
    const added = await control.subjects.addToRun(actor, run, body.subjects.map(toRef));
    const { subjectsTotal } = await control.subjects.run(run.key);
    return { added, subjects_total: subjectsTotal };
  }),

  removeRunSubject: bind(ROUTES.removeRunSubject, async ({ actor, control, params }) => {
    const run = await visibleRun(control, actor, params.run);
    await control.subjects.removeFromRun(actor, run, { type: params.type, id: params.id });
    return undefined;
  }),
};
