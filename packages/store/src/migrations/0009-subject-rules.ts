import type { BackendProfile } from "../backend/profile.ts";

/** What subject rules have done, and the work of applying them to runs that were stored before they were written. */
export const subjectRules = ({ text, integer, tableEnd, clusteredTableEnd }: BackendProfile): readonly string[] => [
  `create table rule_tallies (
    rule_id ${text} primary key,
    matched_runs ${integer} not null,
    subjects ${integer} not null,
    failures ${integer} not null,
    last_matched_at ${integer},
    last_error ${text},
    last_error_at ${integer}
  ) ${clusteredTableEnd}`,

  `create table rule_applications (
    id ${text} primary key,
    state ${text} not null,
    actor ${text} not null,
    rules ${text} not null,
    instances ${text},
    position ${text},
    examined_runs ${integer} not null,
    matched_runs ${integer} not null,
    added_subjects ${integer} not null,
    failures ${integer} not null,
    last_error ${text},
    created_at ${integer} not null,
    updated_at ${integer} not null,
    finished_at ${integer}
  ) ${tableEnd}`,
  "create index rule_applications_open on rule_applications (id) where finished_at is null",
];
