import { mkdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { randomBytes } from "node:crypto";
import type { Step, StepBody, StepResult, TableReference } from "@airfleet/model";
import { runCommand } from "./command/run-command.ts";
import { readCsv, writeCsv } from "./connectors/csv.ts";
import { readJson, writeJson } from "./connectors/json.ts";
import { readParquet, writeParquet } from "./connectors/parquet.ts";
import { bindingsOf } from "./duckdb/bindings.ts";
import { type Database, openDatabase, toName } from "./duckdb/database.ts";
import { fill } from "./params.ts";
import { readPostgres } from "./postgres/read-postgres.ts";
import { writePostgres } from "./postgres/write-postgres.ts";
import type { StepContext } from "./step-context.ts";
import { StepRefusal } from "./step-trouble.ts";

type Inputs = Readonly<Record<string, TableReference>>;
type Body<Kind extends StepBody["kind"]> = Extract<StepBody, { readonly kind: Kind }>;

const outputFile = ({ scratch }: StepContext, output: string): string => path.join(scratch, `${output}.parquet`);

const onlyInput = (inputs: Inputs): TableReference => {
  const [rows, another] = Object.values(inputs);
  if (rows === undefined || another !== undefined) throw new StepRefusal("The step needs one input.");
  return rows;
};

const read = async (context: StepContext, body: Body<"read">): Promise<TableReference> => {
  const target = outputFile(context, "out");
  const options = fill(body.options, context.params);
  switch (body.connector) {
    case "csv":
      return await readCsv(context, options, target);
    case "json":
      return await readJson(context, options, target);
    case "parquet":
      return await readParquet(context, options, target);
    case "postgres":
      return await readPostgres(context, context.connection(body.connection), options, target);
    case "excel":
    case "mysql":
    case "rest":
    case "s3":
      throw new StepRefusal(`Steps of ${body.connector} are carried out by Python.`);
    default:
      return body.connector satisfies never;
  }
};

const write = async (context: StepContext, body: Body<"write">, inputs: Inputs): Promise<number> => {
  const rows = onlyInput(inputs);
  const options = fill(body.options, context.params);
  switch (body.connector) {
    case "csv":
      return await writeCsv(context, options, rows, body.mode);
    case "json":
      return await writeJson(context, options, rows);
    case "parquet":
      return await writeParquet(context, options, rows);
    case "postgres":
      return await writePostgres(context, context.connection(body.connection), { ...body, options }, rows);
    case "excel":
    case "mysql":
    case "rest":
    case "s3":
      throw new StepRefusal(`Steps of ${body.connector} are carried out by Python.`);
    default:
      return body.connector satisfies never;
  }
};

const check = async (database: Database, context: StepContext, body: Body<"sql">): Promise<void> => {
  for (const { rows, message } of body.checks ?? []) {
    const text = `select count(*), first(cast(to_json(f) as varchar)) from (${database.write(rows)}) f`;
    const [found] = await database.select(text, bindingsOf(rows, context.params));
    const [count, first] = found ?? [];
    if (count !== "0") {
      throw new StepRefusal(
        message.replaceAll("{rows}", () => toName(count)).replaceAll("{first}", () => toName(first)),
      );
    }
  }
};

const runSql = async (context: StepContext, step: Step, body: Body<"sql">, inputs: Inputs): Promise<Inputs> => {
  const absent = step.inputs.map(({ name }) => name).filter((name) => !Object.hasOwn(inputs, name));
  if (absent.length > 0 && (step.needs !== "any" || Object.keys(inputs).length === 0)) {
    throw new StepRefusal(`There are no rows for input "${absent[0]}".`);
  }
  await using database = await openDatabase({ ...context, inputs, absent });
  await check(database, context, body);
  const outputs: Record<string, TableReference> = {};
  for (const [name, sql] of Object.entries(body.outputs)) {
    outputs[name] = await database.writeParquet(sql, context.params, outputFile(context, name));
  }
  return outputs;
};

const choose = async (context: StepContext, body: Body<"branch">, inputs: Inputs): Promise<string> => {
  await using database = await openDatabase({ ...context, inputs });
  for (const { output, when } of body.cases) {
    const [row] = await database.select(`from (${database.write(when)})`, bindingsOf(when, context.params));
    if (row?.[0] === true || (typeof row?.[0] === "number" && row[0] !== 0)) return output;
  }
  if (body.otherwise === null) throw new StepRefusal("No condition holds, and there is no other way.");
  return body.otherwise;
};

const sumOf = (references: Inputs): number => Object.values(references).reduce((sum, { rows }) => sum + rows, 0);

/** Puts outputs where the steps behind this one read them, each as a whole. */
const publish = async (outputs: Inputs, folder: string): Promise<Inputs> => {
  const published = Object.entries(outputs).map(async ([name, reference]) => {
    const uri = path.join(folder, `${name}.parquet`);
    await rename(reference.uri, uri);
    return [name, { ...reference, uri }] as const;
  });
  return Object.fromEntries(await Promise.all(published));
};

interface Done {
  readonly outputs?: Inputs;
  readonly chosen?: string;
  readonly written?: number;
}

const perform = async (step: Step, inputs: Inputs, context: StepContext): Promise<Done> => {
  const { body } = step;
  switch (body.kind) {
    case "read":
      return { outputs: { out: await read(context, body) } };
    case "sql":
      return { outputs: await runSql(context, step, body, inputs) };
    case "write":
      return { written: await write(context, body, inputs) };
    case "branch":
      return { chosen: await choose(context, body, inputs) };
    case "command":
      await runCommand(context, body);
      return {};
    case "python":
      throw new StepRefusal("Steps of Python are carried out by Python.");
    default:
      return body satisfies never;
  }
};

/**
 * Carries out a step in this process. What a failed step wrote is seen by nobody: its outputs take their places at the
 * end, each as a whole.
 *
 * @param runFolder outputs become `<runFolder>/<step id>/<output>.parquet`
 */
export const carryOut = async (
  step: Step,
  inputs: Inputs,
  runFolder: string,
  given: Omit<StepContext, "scratch">,
): Promise<StepResult> => {
  const began = performance.now();
  const folder = path.join(runFolder, step.id);
  const scratch = path.join(folder, `.try-${randomBytes(6).toString("hex")}`);
  await mkdir(scratch, { recursive: true });
  try {
    const { outputs = {}, chosen = null, written = 0 } = await perform(step, inputs, { ...given, scratch });
    const published = chosen === null ? await publish(outputs, folder) : { [chosen]: onlyInput(inputs) };
    return {
      outputs: published,
      rows_in: sumOf(inputs),
      rows_out: written + sumOf(published),
      seconds: (performance.now() - began) / 1000,
      chosen,
    };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
};
