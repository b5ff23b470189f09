import type { CallInput } from "@airfleet/sdk";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { type Command, Option } from "commander";
import { usageFailure } from "../failure/cli-failure.ts";
import { actOnMany, type ActOptions } from "../fleet/act-on-many.ts";
import { chooseDagTargets } from "../fleet/choose-dag-targets.ts";
import { examples } from "../program/noun.ts";
import { actOptions, clientsOption, collect } from "../program/parse-options.ts";
import { collectSubjects } from "../program/parse-subject.ts";
import { act } from "../session/act.ts";
import { askForMany, askForRuns, type DurableOptions, isDurable } from "./ask-for-runs.ts";

interface Options extends Omit<ActOptions, "wait">, DurableOptions {
  readonly clients?: string;
  readonly conf?: string;
  readonly logicalDate?: string;
  readonly runId?: string;
  readonly note?: string;
  readonly idempotencyKey?: string;
}

const STDIN = 0;

const readText = (given: string, option = "--conf"): string => {
  if (given === "-") return readFileSync(STDIN, "utf8");
  if (!given.startsWith("@")) return given;
  try {
    return readFileSync(given.slice(1), "utf8");
  } catch (error) {
    throw usageFailure(`${option} ${given} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
};

/** The conf as an object: JSON text, `@file`, or `-` for stdin. */
const parseConf = (given: string): Record<string, unknown> => {
  const text = readText(given);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw usageFailure(
      `--conf is not valid JSON: ${error instanceof Error ? error.message : String(error)}`,
      `Write it as '{"day": "2026-11-20"}', @file, or - for stdin.`,
    );
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw usageFailure("--conf is no JSON object.", `Write it as '{"day": "2026-11-20"}'.`);
};

/** One JSON object per line; empty lines are skipped. A file without any is refused: an empty export is no success. */
const readLines = (given: string): readonly unknown[] => {
  const text = readText(given === "-" || given.startsWith("@") ? given : `@${given}`, "--batch");
  if (text.trim() === "") throw usageFailure(`--batch ${given} is empty.`, "Give one JSON object per line.");
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    try {
      return [JSON.parse(line) as unknown];
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw usageFailure(`--batch, line ${index + 1}, is not valid JSON: ${reason}`);
    }
  });
};

type Body = NonNullable<CallInput<"triggerRun">["body"]>;

const toBody = ({ conf, logicalDate, runId, note }: Options): Body => ({
  ...(conf !== undefined && { conf: parseConf(conf) }),
  ...(logicalDate !== undefined && { logical_date: logicalDate }),
  ...(runId !== undefined && { dag_run_id: runId }),
  ...(note !== undefined && { note }),
});

const trigger = act<Options>(async ({ session, options, args: [dagId = ""] }) => {
  if (options.batch !== undefined) return askForMany(session, readLines(options.batch), options);
  if (dagId === "") throw usageFailure("Name the DAG, or a file of items with --batch.");
  const body = toBody(options);
  if (isDurable(options)) return askForRuns(session, dagId, { common: body, options });
  const targets = await chooseDagTargets(session, dagId, options.clients, { isActing: true });
  // One key for all of them: the run then has the same id on every instance, and can be looked for by it.
  const idempotencyKey = options.idempotencyKey ?? randomUUID();
  return actOnMany(
    session,
    targets,
    {
      words: `trigger ${dagId}`,
      isGuarded: false,
      perform: ({ instance }, _, call) =>
        session.client.triggerRun({ params: { instance, dag_id: dagId }, body }, { ...call, idempotencyKey }),
      preview: async ({ isPaused }) =>
        isPaused === true ? "start a run, which waits: the DAG is paused" : "start a run",
    },
    { ...options, wait: options.wait !== false },
  );
});

/** `airfleet trigger …` */
export const addTriggerCommand = (program: Command): void => {
  const command = program
    .command("trigger [dag]")
    .description("Start a run of a DAG, exactly one per instance")
    .addOption(clientsOption("all enabled that have it"))
    .option("--conf <json>", "conf of the run: JSON, @file, or - for stdin")
    .option("--logical-date <time>", "logical date, RFC 3339 with a zone")
    .option("--run-id <id>", "run id, instead of one of ours")
    .option("--note <text>", "note on the run")
    .option("--idempotency-key <key>", "the same key always means the same runs")
    .option("--key <key>", "the same, of a recorded trigger")
    .option("-i, --instance <ids>", "record it for these instances, and try until it is sent", collect)
    .option("--selector <terms>", "record it for the instances that this picks, such as 'instance=eu-* tag=tier1'")
    .option("--subject <type/id>", "an object that the run is about; may be repeated", collectSubjects)
    .option("--run-id-prefix <text>", "begins the run id; the time follows")
    .option("--at <time>", "not before this time (Airflow 3), RFC 3339 with a zone")
    .option("--unpause", "unpause the DAG once the run was accepted")
    .option("--accept-scheduled-run", "with --unpause: the schedule's last interval may run too")
    .addOption(
      new Option("--wait <goal>", "what to wait for: accepted, or the run's end").choices(["accepted", "finished"]),
    )
    .option("--batch <file>", "record many: a JSON object per line, - for stdin")
    .addHelpText(
      "after",
      examples(
        "trigger orders_daily",
        `trigger orders_daily --clients eu-1 --conf '{"day": "2026-11-20"}'`,
        "trigger orders_daily --conf @conf.json --idempotency-key nightly-2026-11-20",
        "trigger index_finding_aid --instance eu-1 --subject finding-aid/123 --wait finished --timeout 10m",
        "trigger orders_daily --selector 'instance=eu-* tag=tier1' --key nightly-2026-11-20",
        "trigger --batch triggers.jsonl --key bulk-7",
      ),
    )
    .action(trigger);
  for (const option of actOptions({ isGuarded: false })) command.addOption(option);
};
