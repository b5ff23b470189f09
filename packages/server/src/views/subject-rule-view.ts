import type { RouteOutput, ROUTES } from "@airfleet/contract";
import type { KeptSubjectRule, RuleMatches } from "@airfleet/control";
import type { RuleApplication } from "@airfleet/store";
import { toInstant, toInstantOrNull } from "./instants.ts";
import { toRunSubjectView } from "./subject-view.ts";

export const toSubjectRuleView = ({
  id,
  version,
  rule,
  tally,
  createdAt,
  updatedAt,
}: KeptSubjectRule): RouteOutput<typeof ROUTES.getSubjectRule> => ({
  id,
  version,
  rule,
  matched_runs: tally.matchedRuns,
  subjects_found: tally.subjects,
  failures: tally.failures,
  last_matched_at: toInstantOrNull(tally.lastMatchedAt),
  last_error: tally.lastError,
  last_error_at: toInstantOrNull(tally.lastErrorAt),
  created_at: toInstant(createdAt),
  updated_at: toInstant(updatedAt),
});

export const toMatchesView = (matches: RuleMatches): RouteOutput<typeof ROUTES.matchSubjectRules> => ({
  examined_runs: matches.examinedRuns,
  is_partial: matches.isPartial,
  matched_runs: matches.matchedRuns,
  subjects_found: matches.subjectsFound,
  failures: matches.failures,
  first_failure: matches.firstFailure,
  samples: matches.samples.map(({ run, subjects, subjectsTotal, problem }) => ({
    run: run.key,
    instance: run.instance,
    dag_id: run.record.dagId,
    dag_run_id: run.record.runId,
    subjects: subjects.map(toRunSubjectView),
    subjects_total: subjectsTotal,
    problem,
  })),
});

export const toApplicationView = (work: RuleApplication): RouteOutput<typeof ROUTES.getRuleApplication> => ({
  id: work.id,
  state: work.state,
  actor: work.actor,
  rules: work.rules.map(({ id }) => id),
  instances: work.instances === null ? null : [...work.instances],
  examined_runs: work.examinedRuns,
  matched_runs: work.matchedRuns,
  added_subjects: work.addedSubjects,
  failures: work.failures,
  last_error: work.lastError,
  created_at: toInstant(work.createdAt),
  updated_at: toInstant(work.updatedAt),
  finished_at: toInstantOrNull(work.finishedAt),
});
