import type { BackendProfile } from "../backend/profile.ts";

/** Earlier tries of the tasks of runs; the present try of each task stands in `run_tasks`. */
export const runTries = ({ text, integer, tableEnd }: BackendProfile): readonly string[] => [
  `create table run_tries (
    run_pk ${integer} not null,
    task_id ${text} not null,
    map_index ${integer} not null,
    try_number ${integer} not null,
    task ${text} not null,
    observed_at ${integer} not null,
    primary key (run_pk, task_id, map_index, try_number)
  ) ${tableEnd}`,
];
