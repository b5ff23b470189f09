import { setTimeout as pause } from "node:timers/promises";
import type { CallInput, ItemOf } from "@airfleet/sdk";
import { type Command, Option } from "commander";
import { CliFailure, usageFailure } from "../failure/cli-failure.ts";
import { EXIT } from "../failure/exit-codes.ts";
import { toSecondsText } from "../output/instant-text.ts";
import { type Column, toneOf } from "../output/listing.ts";
import { toSafeLogLine } from "../output/plain-text.ts";
import { addNoun, examples } from "../program/noun.ts";
import { parseWhole } from "../program/parse-options.ts";
import { act } from "../session/act.ts";
import type { Session } from "../session/session.ts";

type Execution = ItemOf<"listExecutions">;
type Node = Execution["metrics"]["nodes"][number];
type Query = NonNullable<CallInput<"listExecutions">["query"]>;

const STATUSES = ["pending", "running", "success", "failed", "cancelled", "unknown"] as const;

const columns: readonly Column<Execution>[] = [
  { header: "ID", text: (row) => row.id },
  { header: "AT", text: (row) => toSecondsText(row.created_at) },
  { header: "PIPELINE", text: (row) => row.pipeline_id },
  { header: "INSTANCE", text: (row) => row.instance },
  { header: "STATUS", text: (row) => row.status, tone: (row) => toneOf(row.status) },
  { header: "BY", text: (row) => row.trigger_type },
  { header: "SECONDS", text: (row) => row.duration_seconds, alignRight: true },
  { header: "ROWS OUT", text: (row) => row.metrics.rows_out, alignRight: true },
  { header: "WHO", text: (row) => row.triggered_by, isWide: true },
  { header: "REVISION", text: (row) => row.revision, isWide: true, alignRight: true },
  { header: "RUN", text: (row) => row.airflow_dag_run_id, isWide: true },
  { header: "REMARK", text: (row) => row.error_message ?? row.note },
];

const fields: readonly Column<Execution>[] = [
  ...columns.filter(({ header }) => header !== "REMARK"),
  { header: "STARTED", text: (row) => toSecondsText(row.started_at) },
  { header: "COMPLETED", text: (row) => toSecondsText(row.completed_at) },
  { header: "PARAMS", text: (row) => JSON.stringify(row.params) },
  { header: "ARTIFACT", text: (row) => row.artifact_hash },
  { header: "DAG", text: (row) => row.dag_id },
  { header: "WAITS FOR", text: (row) => row.note },
  { header: "ERROR", text: (row) => row.error_message },
];

const nodeColumns: readonly Column<Node>[] = [
  { header: "STEP", text: (row) => row.step },
  { header: "LABEL", text: (row) => row.label },
  { header: "STATE", text: (row) => row.state, tone: (row) => toneOf(row.state ?? "") },
  { header: "TRY", text: (row) => row.try_number, alignRight: true },
  { header: "ROWS IN", text: (row) => row.rows_in, alignRight: true },
  { header: "ROWS OUT", text: (row) => row.rows_out, alignRight: true },
  { header: "BYTES", text: (row) => row.bytes, alignRight: true },
  { header: "SECONDS", text: (row) => row.seconds, alignRight: true },
];

const print = async (session: Session, execution: Execution): Promise<void> => {
  await session.output.show(execution, fields, execution.id);
  const isTable = session.output.format === "table" || session.output.format === "wide";
  if (!isTable) return;
  if (execution.error_trace !== null) session.output.text(`\n${execution.error_trace}\n`);
  if (execution.metrics.nodes.length === 0) return;
  session.output.text("\n");
  await session.output.list({ columns: nodeColumns, rows: execution.metrics.nodes, nameOf: (row) => row.step });
};

const LOOK_EVERY_MS = 1_000;
const isOpen = ({ status, stage }: Execution): boolean =>
  status === "pending" || status === "running" || stage === "collecting" || stage === "stopping";

/** Follows an execution to its end; each change of status is told on stderr. */
const follow = async (session: Session, id: string, timeoutSeconds: number): Promise<Execution> => {
  const until = Date.now() + timeoutSeconds * 1_000;
  let before = "";
  for (;;) {
    const execution = await session.client.getExecution({ params: { execution: id } });
    const now = `${execution.status}${execution.note === null ? "" : `: ${execution.note}`}`;
    if (now !== before) session.output.warn(now);
    before = now;
    if (!isOpen(execution)) return execution;
    if (Date.now() > until) {
      throw new CliFailure({
        code: "EXECUTION_NOT_ENDED",
        message: `Execution ${id} has not ended within ${timeoutSeconds} s; it is ${execution.status}.`,
        exitCode: EXIT.timeout,
        fix: `Look again with: airfleet executions watch ${id}`,
      });
    }
    await pause(LOOK_EVERY_MS);
  }
};

const finish = async (session: Session, execution: Execution): Promise<void> => {
  await print(session, execution);
  if (execution.status === "success") return;
  throw new CliFailure({
    code: "EXECUTION_NOT_SUCCESSFUL",
    message: `Execution ${execution.id} ended as ${execution.status}.`,
    exitCode: EXIT.failure,
    fix: `See what happened with: airfleet executions logs ${execution.id}`,
  });
};

interface ListOptions {
  readonly pipeline?: string;
  readonly status?: (typeof STATUSES)[number];
  readonly schedule?: string;
  readonly limit: number;
}

const PAGE = 100;

const list = act<ListOptions>(async ({ session, options: { pipeline, status, schedule, limit } }) => {
  const query: Query = {
    page_size: Math.min(limit, PAGE),
    ...(pipeline !== undefined && { pipeline_id: pipeline }),
    ...(status !== undefined && { status }),
    ...(schedule !== undefined && { schedule_id: schedule }),
  };
  const rows: Execution[] = [];
  for await (const row of session.client.items("listExecutions", { query })) {
    if (rows.push(row) >= limit) break;
  }
  const whenEmpty = "Execute a pipeline with: airfleet pipelines execute <id>";
  await session.output.list({ columns, rows, nameOf: (row) => row.id, whenEmpty });
});

const show = act(async ({ session, args: [id = ""] }) =>
  print(session, await session.client.getExecution({ params: { execution: id } })),
);

const cancel = act(async ({ session, args: [id = ""] }) => {
  await session.client.cancelExecution({ params: { execution: id } });
  await print(session, await session.client.getExecution({ params: { execution: id } }));
});

const logs = act<{ readonly task?: string; readonly lines: number }>(
  async ({ session, args: [id = ""], options: { task, lines } }) => {
    const query = { lines, ...(task !== undefined && { task }) };
    const collected = await session.client.getExecutionLogs({ params: { execution: id }, query });
    const { format } = session.output;
    if (format !== "table" && format !== "wide") {
      await session.output.show(collected, [], id);
      return;
    }
    if (collected.error !== null) session.output.warn(collected.error);
    for (const one of collected.logs) {
      const cut = one.is_cut ? `, the last ${lines} lines` : "";
      session.output.text(`── ${one.task}, try ${one.try_number}${cut} ──\n`);
      if (one.error !== null) session.output.warn(one.error);
      for (const { text } of one.lines) session.output.text(`${toSafeLogLine(text, false)}\n`);
    }
  },
);

const watch = act<{ readonly timeout: number }>(async ({ session, args: [id = ""], options: { timeout } }) =>
  finish(session, await follow(session, id, timeout)),
);

/** `name=value`; the value is JSON where it is, else text. */
export const parseParam = (text: string, before: Readonly<Record<string, unknown>> = {}) => {
  const at = text.indexOf("=");
  if (at < 1) throw usageFailure(`"${text}" is no parameter.`, "Write --param name=value.");
  const value = text.slice(at + 1);
  const toValue = (): unknown => {
    try {
      return JSON.parse(value);
    } catch {
      return value;
    }
  };
  return { ...before, [text.slice(0, at)]: toValue() };
};

interface ExecuteOptions {
  readonly param?: Readonly<Record<string, unknown>>;
  readonly instance?: string;
  readonly environment?: string;
  readonly key?: string;
  readonly wait?: boolean;
  readonly timeout: number;
}

const execute = act<ExecuteOptions>(async ({ session, args: [pipeline = ""], options }) => {
  const { param = {}, instance, environment, key, wait, timeout } = options;
  const body = {
    params: param,
    ...(instance !== undefined && { instance }),
    ...(environment !== undefined && { environment }),
  };
  const started = await session.client.executePipeline({ params: { pipeline }, body }, { idempotencyKey: key });
  const { execution_id: id } = started;
  if (wait === true) await finish(session, await follow(session, id, timeout));
  else await print(session, await session.client.getExecution({ params: { execution: id } }));
});

const timeoutOption = (): Option =>
  new Option("--timeout <seconds>", "give up waiting after").argParser(parseWhole(1, 604_800)).default(3_600);

/** `… execute <pipeline>`, below the noun of pipelines. */
export const addExecuteCommand = (noun: Command): void => {
  noun
    .command("execute <pipeline>")
    .description("Execute a pipeline, also one that was never deployed")
    .option("--param <name=value>", "a parameter, as often as needed; values are JSON where they are", parseParam)
    .option("--instance <id>", "where it runs; the pipeline's environment, or the only instance, else")
    .option("--environment <name>", "where it runs, by one of the pipeline's environments")
    .option("--key <key>", "Idempotency-Key: the same key starts nothing twice")
    .option("--wait", "wait for its end; exit code 1 when it is no success")
    .addOption(timeoutOption())
    .addHelpText(
      "after",
      examples(
        "pipelines execute 3b9c1f0e-5a44-4d0b-9d6e-0c2f4f6c7a11 --wait",
        "pipelines execute 3b9c1f0e-5a44-4d0b-9d6e-0c2f4f6c7a11 --param day=2026-11-20 --instance eu-prod-1",
      ),
    )
    .action(execute);
};

/** `airfleet executions …` */
export const addExecutionCommands = (program: Command): void => {
  const noun = addNoun(program, "executions", "Executions of pipelines, and what each node did");
  const id = "6f2d3c1a-0b4e-4f6a-9c8d-1e2f3a4b5c6d";
  noun
    .command("list")
    .description("List executions, newest first")
    .option("--pipeline <id>", "only of this pipeline")
    .addOption(new Option("--status <status>", "only with this status").choices([...STATUSES]))
    .option("--schedule <id>", "only of this schedule")
    .addOption(new Option("--limit <n>", "at most so many").argParser(parseWhole(1, 100_000)).default(PAGE))
    .addHelpText("after", examples("executions list --status failed"))
    .action(list);
  noun
    .command("show <execution>")
    .description("Show an execution with rows, bytes and seconds of each node")
    .addHelpText("after", examples(`executions show ${id}`))
    .action(show);
  noun
    .command("watch <execution>")
    .description("Wait for the end of an execution; exit code 1 when it is no success")
    .addOption(timeoutOption())
    .addHelpText("after", examples(`executions watch ${id} --timeout 600`))
    .action(watch);
  noun
    .command("logs <execution>")
    .description("Print what each try of each task wrote")
    .option("--task <id>", "only of this task")
    .addOption(new Option("--lines <n>", "last lines of each try").argParser(parseWhole(1, 5_000)).default(500))
    .addHelpText("after", examples(`executions logs ${id} --task write`))
    .action(logs);
  noun
    .command("cancel <execution>")
    .description("Cancel an execution for ever; its run is prevented or stopped")
    .addHelpText("after", examples(`executions cancel ${id}`))
    .action(cancel);
};
