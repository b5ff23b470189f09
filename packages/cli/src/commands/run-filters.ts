import type { CallInput } from "@airfleet/sdk";
import { type Command, InvalidArgumentError, Option } from "commander";
import { parseClients } from "../fleet/choose-instances.ts";
import { collect, parseSeconds, parseTime, parseWhole } from "../program/parse-options.ts";

type Query = NonNullable<NonNullable<CallInput<"listFleetRuns">>["query"]>;

const TIMES = ["due", "started", "ended"] as const;

const parsePair =
  (separator: string, example: string) =>
  (text: string): readonly [string, string] => {
    const at = text.indexOf(separator);
    if (at > 0 && at < text.length - 1) return [text.slice(0, at), text.slice(at + 1)];
    throw new InvalidArgumentError(`Write ${example}.`);
  };

type Times = { readonly [Time in `${(typeof TIMES)[number]}${"From" | "To"}`]?: string };

/** What `runs list` may be asked for. */
export interface RunFilters extends Times {
  readonly clients?: string;
  readonly state?: readonly NonNullable<Query["state"]>[number][];
  readonly type?: readonly NonNullable<Query["run_type"]>[number][];
  readonly subject?: readonly [string, string];
  readonly conf?: readonly [string, string];
  readonly note?: string;
  readonly runId?: string;
  readonly trigger?: string;
  readonly minDuration?: number;
  readonly maxDuration?: number;
  readonly laterSuccess?: boolean;
  readonly selector?: string;
  readonly limit: number;
}

/** Adds the filters to a command. */
export const addRunFilters = (command: Command): Command => {
  command
    .addOption(new Option("--state <states>", "only in these states").argParser(collect))
    .addOption(new Option("--type <types>", "manual, scheduled, backfill or asset").argParser(collect))
    .addOption(new Option("--subject <type/id>", "about this object").argParser(parsePair("/", "type/id")))
    .addOption(new Option("--conf <key=value>", "with this in the conf").argParser(parsePair("=", "key=value")))
    .option("--note <text>", "with this in the note")
    .option("--run-id <text>", "with this in the engine's run id")
    .option("--trigger <id>", "asked for by this trigger")
    .option("--min-duration <time>", "at least so long, such as 10m", parseSeconds)
    .option("--max-duration <time>", "shorter than this", parseSeconds)
    .option("--no-later-success", "failed, and no success of the DAG since")
    .option("--selector <terms>", 'such as "instance=eu-* tag=tier1 state=failed !later_success"')
    .option("--limit <n>", "at most this many", parseWhole(1, 100_000), 25);
  for (const time of TIMES) {
    command.option(`--${time}-from <time>`, `${time} then or later; a time, or how long ago (7d)`, parseTime);
    command.option(`--${time}-to <time>`, `${time} before`, parseTime);
  }
  return command;
};

const withoutAbsent = (query: { readonly [Key in keyof Query]?: Query[Key] | undefined }): Query =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));

/** The filters as the API takes them. */
export const toRunQuery = (dagId: string | undefined, filters: RunFilters): Query =>
  withoutAbsent({
    dag_id: dagId === undefined ? undefined : [dagId],
    instance: filters.clients === undefined ? undefined : [...parseClients(filters.clients)],
    state: filters.state === undefined ? undefined : [...filters.state],
    run_type: filters.type === undefined ? undefined : [...filters.type],
    subject_type: filters.subject?.[0],
    subject_id: filters.subject?.[1],
    conf: filters.conf?.join(":"),
    note: filters.note,
    run_id: filters.runId,
    trigger_id: filters.trigger,
    due_from: filters.dueFrom,
    due_to: filters.dueTo,
    started_from: filters.startedFrom,
    started_to: filters.startedTo,
    ended_from: filters.endedFrom,
    ended_to: filters.endedTo,
    min_duration: filters.minDuration,
    max_duration: filters.maxDuration,
    failed_without_later_success: filters.laterSuccess === false ? true : undefined,
    selector: filters.selector,
    limit: Math.min(filters.limit, 1_000),
  });

/** Whether anything is asked that only the fleet's memory can answer. */
export const needsFleet = (filters: RunFilters): boolean => {
  const { clients: _clients, state: _state, limit: _limit, laterSuccess, ...rest } = filters;
  return laterSuccess === false || Object.values(rest).some((value) => value !== undefined);
};
