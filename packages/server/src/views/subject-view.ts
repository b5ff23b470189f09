import type { RouteOutput, ROUTES } from "@airfleet/contract";
import { type FleetInstance, runPage } from "@airfleet/control";
import { type StateWords, type SubjectRef, toDagId, toRunId } from "@airfleet/model";
import type { StoredSubject, SubjectRun } from "@airfleet/store";
import { toInstant, toInstantOrNull } from "./instants.ts";

type SubjectView = RouteOutput<typeof ROUTES.getSubject>;
type SubjectRunView = NonNullable<SubjectView["last_success"]>;

/** What a view of subjects needs to know besides. */
export interface SubjectViewing {
  readonly instances: readonly FleetInstance[];
  readonly words: StateWords | undefined;
}

/** Where our API shows a run. */
export const runHref = (key: string): string => `/api/v1/runs/${key}`;

const toSubjectRunView = (run: SubjectRun | null, { instances, words }: SubjectViewing): SubjectRunView | null => {
  if (run === null) return null;
  const instance = instances.find(({ id }) => id === run.instance);
  const address = { dagId: toDagId(run.dagId), runId: toRunId(run.runId) };
  return {
    id: run.key,
    instance: run.instance,
    dag_id: run.dagId,
    dag_run_id: run.runId,
    state: run.state,
    ...(words !== undefined && { state_word: words[run.state] }),
    due_at: toInstant(run.dueAt),
    started_at: toInstantOrNull(run.startedAt),
    ended_at: toInstantOrNull(run.endedAt),
    href: runHref(run.key),
    ui_url: instance === undefined ? null : runPage(instance, address),
  };
};

/** A trigger that waits is to its owner what a queued run is. */
const wordOf = (state: StoredSubject["state"], words: StateWords): string | null => {
  if (state === "none") return null;
  return words[state === "pending" ? "queued" : state];
};

export const toSubjectView = (subject: StoredSubject, viewing: SubjectViewing): SubjectView => ({
  type: subject.type,
  id: subject.id,
  label: subject.label,
  url: subject.url,
  state: subject.state,
  ...(viewing.words !== undefined && { state_word: wordOf(subject.state, viewing.words) }),
  last_success: toSubjectRunView(subject.lastSuccess, viewing),
  current_run: toSubjectRunView(subject.currentRun, viewing),
  last_failure: toSubjectRunView(subject.lastFailure, viewing),
  newest_run: toSubjectRunView(subject.newestRun, viewing),
  pending_triggers: [...subject.pendingTriggers],
  counts: { ...subject.counts },
  first_seen_at: toInstant(subject.firstSeenAt),
  changed_at: toInstant(subject.changedAt),
});

/** `Link` header to the runs that a subject's page shows; undefined when there is none. */
export const runLinks = ({ lastSuccess, currentRun, lastFailure, newestRun }: StoredSubject): string | undefined => {
  const named = {
    "last-success": lastSuccess,
    "current-run": currentRun,
    "last-failure": lastFailure,
    "newest-run": newestRun,
  };
  const links = Object.entries(named).flatMap(([rel, run]) =>
    run === null ? [] : [`<${runHref(run.key)}>; rel="${rel}"`],
  );
  return links.length === 0 ? undefined : links.join(", ");
};

export const toRunSubjectView = ({
  type,
  id,
  label,
  url,
}: SubjectRef): RouteOutput<typeof ROUTES.listRunSubjects>["items"][number] => ({
  type,
  id,
  label: label ?? null,
  url: url ?? null,
});
