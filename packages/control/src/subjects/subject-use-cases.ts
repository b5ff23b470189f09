import { AirfleetError, type RunKey, type SubjectRef, SUBJECTS_PER_RUN } from "@airfleet/model";
import type { Store, StoredRun, StoredSubject, SubjectQuery } from "@airfleet/store";
import type { StorePage } from "@airfleet/store";
import type { Actor } from "../actor.ts";

type Named = Pick<SubjectRef, "type" | "id">;
type RunsOfSubject = Parameters<Store["subjects"]["runs"]>[1];

/** The objects that runs are about. `instances` restricts what is seen and counted; undefined is no restriction. */
export interface SubjectUseCases {
  list(query: SubjectQuery): Promise<StorePage<StoredSubject>>;
  /** @throws {AirfleetError} SUBJECT_UNKNOWN */
  get(subject: Named, instances?: readonly string[]): Promise<StoredSubject>;
  /** @returns in the order asked for; undefined for one that is not known */
  lookup(subjects: readonly Named[], instances?: readonly string[]): Promise<readonly (StoredSubject | undefined)[]>;
  /** @throws {AirfleetError} SUBJECT_UNKNOWN, CURSOR_INVALID */
  runs(subject: Named, query: RunsOfSubject): Promise<StorePage<StoredRun>>;
  /** Creates it, or changes what is given; with `instances` only one with runs there. @throws {AirfleetError} SUBJECT_UNKNOWN */
  describe(actor: Actor, subject: SubjectRef, instances?: readonly string[]): Promise<StoredSubject>;
  /** @throws {AirfleetError} SUBJECT_UNKNOWN */
  remove(actor: Actor, subject: Named): Promise<void>;
  /** @throws {AirfleetError} RUN_KEY_UNKNOWN */
  run(key: RunKey): Promise<StoredRun>;
  ofRun(query: {
    readonly key: RunKey;
    readonly limit: number;
    readonly after?: string;
  }): Promise<StorePage<SubjectRef>>;
  /** @returns how many the run did not have. @throws {AirfleetError} SUBJECTS_TOO_MANY, RUN_KEY_UNKNOWN */
  addToRun(actor: Actor, run: StoredRun, subjects: readonly SubjectRef[]): Promise<number>;
  /** @throws {AirfleetError} SUBJECT_UNKNOWN when the run is not about it */
  removeFromRun(actor: Actor, run: StoredRun, subject: Named): Promise<void>;
}

interface SubjectPorts {
  readonly store: Pick<Store, "subjects" | "runs" | "audit">;
  readonly onWritten: () => void;
}

/** The audit trail names this many; it is not a second copy of the links. */
const NAMED_IN_AUDIT = 20;
const PAGE = 1_000;

const unknown = ({ type, id }: Named): AirfleetError => new AirfleetError("SUBJECT_UNKNOWN", { type, id });
const keyOf = ({ type, id }: Named): string => `${type}\n${id}`;

export const createSubjectUseCases = ({ store, onWritten }: SubjectPorts): SubjectUseCases => {
  const note = async (actor: Actor, verb: string, details: object, run?: StoredRun): Promise<void> => {
    const { id, sourceIp, requestId } = actor;
    const place = run === undefined ? {} : { instance: run.instance, dagId: run.record.dagId, runId: run.record.runId };
    await store.audit.append({
      actor: id,
      verb,
      outcome: "done",
      details: { ...details },
      sourceIp,
      requestId,
      ...place,
    });
    onWritten();
  };

  /** How many of these the run does not have yet; asked only where it has nearly too many. */
  const countNew = async (run: StoredRun, subjects: readonly SubjectRef[]): Promise<number> => {
    const fresh = new Set(subjects.map(keyOf));
    let after: string | undefined;
    do {
      const page = await store.runs.subjects({ key: run.key, limit: PAGE, ...(after !== undefined && { after }) });
      for (const subject of page.items) fresh.delete(keyOf(subject));
      after = page.next ?? undefined;
    } while (after !== undefined);
    return fresh.size;
  };

  const get: SubjectUseCases["get"] = async (subject, instances) => {
    const found = await store.subjects.find(subject, instances);
    if (found === undefined) throw unknown(subject);
    return found;
  };

  return {
    get,
    list: (query) => store.subjects.list(query),
    lookup: (subjects, instances) => Promise.all(subjects.map((subject) => store.subjects.find(subject, instances))),

    async runs(subject, query) {
      await get(subject, query.instances);
      return store.subjects.runs(subject, query);
    },

    async describe(actor, subject, instances) {
      if (instances !== undefined) await get(subject, instances);
      const { type, id, label, url } = subject;
      await store.subjects.describe(subject);
      await note(actor, "subject:describe", {
        type,
        id,
        ...(label !== undefined && { label }),
        ...(url !== undefined && { url }),
      });
      return get(subject, instances);
    },

    async remove(actor, subject) {
      if (!(await store.subjects.remove(subject))) throw unknown(subject);
      await note(actor, "subject:remove", { type: subject.type, id: subject.id });
    },

    async run(key) {
      const run = await store.runs.find(key);
      if (run === undefined) throw new AirfleetError("RUN_KEY_UNKNOWN", { run: key });
      return run;
    },

    ofRun: (query) => store.runs.subjects(query),

    async addToRun(actor, run, subjects) {
      const isNear = run.subjectsTotal + subjects.length > SUBJECTS_PER_RUN;
      if (isNear && run.subjectsTotal + (await countNew(run, subjects)) > SUBJECTS_PER_RUN) {
        throw new AirfleetError("SUBJECTS_TOO_MANY", { run: run.key, limit: SUBJECTS_PER_RUN });
      }
      const added = await store.runs.addSubjects(run.key, subjects);
      const named = subjects.slice(0, NAMED_IN_AUDIT).map(({ type, id }) => ({ type, id }));
      await note(actor, "subject:link", { run: run.key, subjects: named, given: subjects.length, added }, run);
      return added;
    },

    async removeFromRun(actor, run, { type, id }) {
      if (!(await store.runs.removeSubject(run.key, { type, id }))) throw unknown({ type, id });
      await note(actor, "subject:unlink", { run: run.key, type, id }, run);
    },
  };
};
