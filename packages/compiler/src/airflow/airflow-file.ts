import { createHash } from "node:crypto";
import type { NodeRetry, Plan, Step } from "@airfleet/model";
import { toPythonLiteral } from "../python/literal.ts";

/** What an Airflow file is made for. */
export interface AirflowTarget {
  /** Name of the package beside the file that carries out the steps: `airfleet_runtime_` and a hash of its content. */
  readonly runtime: string;
  /** Where a person edits the pipeline; written at the top. */
  readonly editUrl?: string;
  /** For steps that say nothing of it. Default: once more after five minutes. */
  readonly retry?: NodeRetry;
}

/** A generated file. */
export interface Artifact {
  /** File name: that of the DAG. */
  readonly name: string;
  readonly text: string;
  /** SHA-256 of everything that the file does; the engine serves it back once this version is live. */
  readonly hash: string;
  /** Where each task begins, and from where on no task stands; the first line is 1. For errors that name a line. */
  readonly lines: readonly { readonly line: number; readonly node: string | null }[];
}

const USUAL_RETRY: NodeRetry = { count: 1, delay_seconds: 300, multiplier: 1, max_delay_seconds: 3_600 };

const FUNCTIONS = { extractor: "extract", transformer: "transform", loader: "load", control: "control" } as const;

/** A name that Python takes for a variable, made of the step's id alone. */
const toVariable = (step: Step, index: number): string => {
  const name = step.id.replaceAll(/[^A-Za-z0-9_]/g, "_");
  return `t${index}_${name}`.slice(0, 60).replace(/_+$/, "");
};

/** One line whatever a user's text holds: a comment must not end before it should. */
const toComment = (text: string): string => {
  const literal = toPythonLiteral(text);
  return literal.slice(1, -1).slice(0, 200);
};

const argument = (name: string, value: unknown, indent = "    "): string =>
  `${indent}${name}=${toPythonLiteral(value, indent)},\n`;

const toRetry = (step: Step, usual: NodeRetry): NodeRetry => step.retry ?? usual;

/** Tasks that follow each output of a step directly. */
const toWays = (step: Step, steps: readonly Step[]): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    step.outputs.map((output) => [
      output,
      steps
        .filter(({ inputs }) => inputs.some((input) => input.step === step.id && input.output === output))
        .map(({ id }) => id),
    ]),
  );

const toTask = (step: Step, index: number, plan: Plan, usual: NodeRetry): string => {
  const retry = toRetry(step, usual);
  const { id, label, body, inputs, outputs, needs } = step;
  const lines = [
    argument("task_id", id, "        "),
    argument("label", label, "        "),
    argument("retries", retry.count, "        "),
    argument("retry_seconds", [retry.delay_seconds, retry.multiplier, retry.max_delay_seconds], "        "),
    ...(step.timeoutSeconds === null ? [] : [argument("timeout_seconds", step.timeoutSeconds, "        ")]),
    ...(step.pool === null ? [] : [argument("pool", step.pool, "        ")]),
    ...(step.queue === null ? [] : [argument("queue", step.queue, "        ")]),
    ...(step.type === "control" ? [argument("ways", toWays(step, plan.steps), "        ")] : []),
    argument("step", { id, inputs, ...(needs === undefined ? {} : { needs }), outputs, body }, "        "),
  ];
  return `    ${toVariable(step, index)} = ${FUNCTIONS[step.type]}(\n${lines.join("")}    )\n`;
};

const toArrows = (steps: readonly Step[]): string => {
  const variables = new Map(steps.map((step, index) => [step.id, toVariable(step, index)]));
  return steps
    .flatMap((step) => {
      const before = [...new Set(step.inputs.map((input) => input.step))].map((id) => variables.get(id) ?? "");
      if (before.length === 0) return [];
      const left = before.length === 1 ? before[0] : `[${before.join(", ")}]`;
      return [`    ${left} >> ${variables.get(step.id)}\n`];
    })
    .join("");
};

/** What the file does, without the hash that is computed of it. */
const toBody = (plan: Plan, runtime: string, usual: NodeRetry): string => {
  const { schedule } = plan;
  const functions = [...new Set(plan.steps.map(({ type }) => FUNCTIONS[type]))].toSorted();
  const dag = [
    argument("dag_id", plan.dagId),
    argument("name", plan.name),
    argument("pipeline", plan.pipeline),
    argument(
      "schedule",
      schedule === null
        ? null
        : { cron: schedule.cron, time_zone: schedule.timeZone, start: schedule.startDate, end: schedule.endDate },
    ),
    argument("catchup", schedule?.catchup ?? false),
    argument("max_active_runs", plan.maxActiveRuns),
    argument("tags", ["airfleet", "pipeline", plan.pipeline, ...plan.tags]),
    argument("params", plan.params),
    "    artifact=ARTIFACT,\n",
  ];
  const tasks = plan.steps.map((step, index) => toTask(step, index, plan, usual)).join("");
  return `from ${runtime}.airflow import ${["pipeline", ...functions].join(", ")}\n\nwith pipeline(\n${dag.join("")}) as dag:\n${tasks}\n${toArrows(plan.steps)}`;
};

/** A task's call begins with its variable, which no other line begins with: user data never starts a line so far left. */
const toLines = (text: string, plan: Plan): Artifact["lines"] => {
  const beginnings = new Map(plan.steps.map((step, index) => [`    ${toVariable(step, index)} = `, step.node]));
  const lines: Artifact["lines"][number][] = [];
  let isInTasks = false;
  for (const [index, line] of text.split("\n").entries()) {
    const [beginning] = /^ {4}t\d+_?\w* = /.exec(line) ?? [];
    const node = beginning === undefined ? undefined : beginnings.get(beginning);
    if (node !== undefined) {
      lines.push({ line: index + 1, node });
      isInTasks = true;
    } else if (isInTasks && line === "    )") {
      lines.push({ line: index + 2, node: null });
      isInTasks = false;
    }
  }
  return lines;
};

/**
 * A plan as a file for Airflow 2.7 to 3.x: static, the same bytes on any machine, nothing read or asked for when it is
 * parsed. The content hash stands in the DAG's `doc_md`; comments are not part of it.
 */
export const toAirflowFile = (plan: Plan, target: AirflowTarget): Artifact => {
  const body = toBody(plan, target.runtime, target.retry ?? USUAL_RETRY);
  const hash = createHash("sha256").update(body).digest("hex");
  const head = [
    `# Pipeline: ${toComment(plan.name)}`,
    "# Written by Airfleet. Change the pipeline instead of this file: it is written anew with every deployment.",
    ...(target.editUrl === undefined ? [] : [`# Edit: ${toComment(target.editUrl)}`]),
    "import sys",
    "from os.path import dirname",
    "",
    `ARTIFACT = "${hash}"`,
    "# The runtime that this file was compiled for stands beside it.",
    "if dirname(__file__) not in sys.path:",
    "    sys.path.append(dirname(__file__))",
    "",
  ];
  const text = `${head.join("\n")}\n${body}`;
  return { name: `${plan.dagId}.py`, text, hash, lines: toLines(text, plan) };
};
