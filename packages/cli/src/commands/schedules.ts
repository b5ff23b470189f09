import type { CallInput, ItemOf } from "@airfleet/sdk";
import { type Command, Option } from "commander";
import { usageFailure } from "../failure/cli-failure.ts";
import { toSecondsText } from "../output/instant-text.ts";
import { type Column, toneOf } from "../output/listing.ts";
import { addRemoveCommand } from "../program/definition-commands.ts";
import { addNoun, examples } from "../program/noun.ts";
import { parseWhole } from "../program/parse-options.ts";
import { act } from "../session/act.ts";

type Schedule = ItemOf<"listSchedules">;
type Query = NonNullable<CallInput<"listSchedules">["query"]>;
type Body = CallInput<"createSchedule">["body"];

const columns: readonly Column<Schedule>[] = [
  { header: "ID", text: (row) => row.id },
  { header: "NAME", text: (row) => row.name },
  { header: "PIPELINE", text: (row) => row.pipeline_id },
  { header: "WHEN", text: (row) => row.cron_expression ?? row.frequency },
  { header: "ZONE", text: (row) => row.timezone },
  { header: "STATUS", text: (row) => row.status, tone: (row) => toneOf(row.status) },
  { header: "RUN BY", text: (row) => row.run_by },
  { header: "NEXT", text: (row) => toSecondsText(row.next_run_at) },
  { header: "RUNS", text: (row) => row.total_runs, alignRight: true },
  { header: "FAILED", text: (row) => row.failed_runs, alignRight: true },
];

const fields: readonly Column<Schedule>[] = [
  ...columns,
  { header: "WHY", text: (row) => row.run_by_reason },
  { header: "LAST", text: (row) => toSecondsText(row.last_run_at) },
  { header: "MISSED", text: (row) => row.missed },
  { header: "SYNCED", text: (row) => row.is_airflow_synced },
  { header: "STARTS", text: (row) => toSecondsText(row.start_date) },
  { header: "ENDS", text: (row) => toSecondsText(row.end_date) },
];

const PAGE = 100;

const list = act<{ readonly pipeline?: string; readonly limit: number }>(
  async ({ session, options: { pipeline, limit } }) => {
    const query: Query = {
      page_size: Math.min(limit, PAGE),
      ...(pipeline !== undefined && { pipeline_id: pipeline }),
    };
    const rows: Schedule[] = [];
    for await (const row of session.client.items("listSchedules", { query })) {
      if (rows.push(row) >= limit) break;
    }
    const whenEmpty = "Schedule a pipeline with: airfleet schedules create <pipeline> --cron '0 6 * * *'";
    await session.output.list({ columns, rows, nameOf: (row) => row.id, whenEmpty });
  },
);

const show = act(async ({ session, args: [id = ""] }) => {
  const schedule = await session.client.getSchedule({ params: { schedule: id } });
  await session.output.show(schedule, fields, schedule.id);
});

interface CreateOptions {
  readonly name?: string;
  readonly cron?: string;
  readonly every?: number;
  readonly at?: string;
  readonly zone: string;
  readonly missed?: "skip" | "latest" | "all";
  readonly instance?: string;
}

const toTiming = ({ cron, every, at }: CreateOptions) => {
  const given = [cron, every, at].filter((one) => one !== undefined);
  if (given.length !== 1) throw usageFailure("It is open when it runs.", "Say one of --cron, --every and --at.");
  if (cron !== undefined) return { frequency: "custom", config: { cron_expression: cron } } as const;
  if (every !== undefined) return { frequency: "interval", config: { interval_seconds: every } } as const;
  return { frequency: "once", start_date: at ?? "" } as const;
};

const create = act<CreateOptions>(async ({ session, args: [pipeline = ""], options }) => {
  const { name, zone, missed, instance } = options;
  const timing = toTiming(options);
  const body = {
    pipeline_id: pipeline,
    name: name ?? options.cron ?? "schedule",
    timezone: zone,
    ...timing,
    ...(missed !== undefined && { missed }),
    ...(instance !== undefined && { instance }),
  } as Body;
  const schedule = await session.client.createSchedule({ body });
  await session.output.show(schedule, fields, schedule.id);
});

const setStatus = (status: "active" | "paused") =>
  act(async ({ session, args: [id = ""] }) => {
    const schedule = await session.client.setScheduleStatus({ params: { schedule: id }, body: { status } });
    await session.output.show(schedule, fields, schedule.id);
  });

const trigger = act(async ({ session, args: [id = ""] }) => {
  const { execution_id: execution } = await session.client.triggerSchedule({ params: { schedule: id } });
  session.output.text(`${execution}\n`);
});

const next = act<{ readonly count: number }>(async ({ session, args: [id = ""], options: { count } }) => {
  const { next_runs: runs } = await session.client.getScheduleNext({ params: { schedule: id }, query: { count } });
  for (const run of runs) session.output.text(`${run}\n`);
});

/** `airfleet schedules …` */
export const addScheduleCommands = (program: Command): void => {
  const noun = addNoun(program, "schedules", "When pipelines run by themselves, and who starts them");
  const id = "0d9c8b7a-6f5e-4d3c-8b2a-1f0e9d8c7b6a";
  const pipeline = "3b9c1f0e-5a44-4d0b-9d6e-0c2f4f6c7a11";
  noun
    .command("list")
    .description("List schedules, newest first")
    .option("--pipeline <id>", "only of this pipeline")
    .addOption(new Option("--limit <n>", "at most so many").argParser(parseWhole(1, 100_000)).default(PAGE))
    .addHelpText("after", examples("schedules list"))
    .action(list);
  noun
    .command("show <schedule>")
    .description("Show a schedule, who is in charge of it and why")
    .addHelpText("after", examples(`schedules show ${id}`))
    .action(show);
  noun
    .command("create <pipeline>")
    .description("Schedule a pipeline")
    .option("--name <name>", "what it is called")
    .option("--cron <expression>", "five fields, or a preset such as @daily")
    .addOption(new Option("--every <seconds>", "an interval").argParser(parseWhole(10, 31_536_000)))
    .option("--at <time>", "once, at this time")
    .option("--zone <name>", "time zone, such as Europe/Zurich", "UTC")
    .addOption(new Option("--missed <policy>", "ticks nobody was there for").choices(["skip", "latest", "all"]))
    .option("--instance <id>", "where it runs, when not where the pipeline does")
    .addHelpText(
      "after",
      examples(
        `schedules create ${pipeline} --cron '30 6 * * mon-fri' --zone Europe/Zurich`,
        `schedules create ${pipeline} --every 900 --missed skip`,
      ),
    )
    .action(create);
  noun
    .command("enable <schedule>")
    .description("Switch a schedule on")
    .addHelpText("after", examples(`schedules enable ${id}`))
    .action(setStatus("active"));
  noun
    .command("disable <schedule>")
    .description("Switch a schedule off")
    .addHelpText("after", examples(`schedules disable ${id}`))
    .action(setStatus("paused"));
  noun
    .command("trigger <schedule>")
    .description("Execute its pipeline now, and print the id of the execution")
    .addHelpText("after", examples(`schedules trigger ${id}`))
    .action(trigger);
  noun
    .command("next <schedule>")
    .description("Print when it falls due next")
    .addOption(new Option("--count <n>", "how many").argParser(parseWhole(1, 100)).default(5))
    .addHelpText("after", examples(`schedules next ${id} --count 10`))
    .action(next);
  addRemoveCommand(noun, {
    argument: "schedule",
    example: id,
    read: ({ client }, schedule) => client.getSchedule({ params: { schedule } }),
    description: "Remove a schedule; its executions stay",
    question: (schedule, { name }) => `Remove schedule "${name}" (${schedule})? Nothing starts by it any more.`,
    remove: ({ client }, schedule, terms) => client.deleteSchedule({ params: { schedule } }, terms),
  });
};
