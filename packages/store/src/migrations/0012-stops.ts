import type { BackendProfile } from "../backend/profile.ts";

/** Runs that were stopped, each by an action, with what shows that the processes of their tasks are gone (`tasks`, JSON). */
export const stops = ({ text, integer, tableEnd }: BackendProfile): readonly string[] => [
  `create table stops (
    action_id ${text} primary key,
    run_key ${text} not null,
    instance_id ${text} not null,
    dag_id ${text} not null,
    run_id ${text} not null,
    stage ${text} not null,
    run_started_at ${text},
    begun_at ${integer} not null,
    stopped_at ${integer},
    until ${integer} not null,
    deleted_at ${integer},
    tasks ${text} not null,
    changed_at ${integer} not null
  ) ${tableEnd}`,
  "create index stops_by_run on stops (run_key, action_id)",
  "create index stops_by_change on stops (changed_at)",
];
