import { stat } from "node:fs/promises";
import type { DuckDBConnection, DuckDBValue, Json } from "@duckdb/node-api";
import type { SqlText, TableReference } from "@airfleet/model";
import type { Params } from "../params.ts";
import { StepRefusal } from "../step-trouble.ts";
import { type Bound, bindingsOf } from "./bindings.ts";
import { toTrouble } from "./duckdb-error.ts";
import { type InstanceLimits, openLocked } from "./locked-instance.ts";
import { quoteName, quoteText } from "./quote.ts";
import { writeStatement } from "./write-statement.ts";

/** DuckDB with the inputs of one step as views. */
export interface Database extends AsyncDisposable {
  /** Runs one statement. */
  run(text: string): Promise<void>;
  /** The rows of a statement as plain JSON. */
  select(text: string, values?: Readonly<Record<string, Bound>>): Promise<readonly (readonly Json[])[]>;
  /** A plan's statement, written out for the inputs' columns. */
  write(sql: SqlText): string;
  /** Puts the rows of a plan's statement into a file. */
  writeParquet(sql: SqlText, params: Params, file: string): Promise<TableReference>;
  /** Puts the rows of a statement into a file. */
  copyParquet(text: string, file: string, values?: Readonly<Record<string, Bound>>): Promise<TableReference>;
  /** Names and types of what a statement yields. */
  describe(text: string): Promise<TableReference["columns"]>;
}

export interface OpenDatabase {
  readonly limits: InstanceLimits;
  /** The folder of the try. */
  readonly scratch: string;
  /** Other files that the step reads or writes. */
  readonly files?: readonly string[];
  readonly inputs?: Readonly<Record<string, TableReference>>;
  /** Inputs that a branch has left without rows: they have the columns of the first one that is there, by name. */
  readonly absent?: readonly string[];
  /** Ends what is running. */
  readonly signal: AbortSignal;
}

const withBindings = async (
  connection: DuckDBConnection,
  text: string,
  values: Readonly<Record<string, Bound>>,
): Promise<readonly (readonly Json[])[]> => {
  const entries = Object.entries(values);
  const result = await connection.runAndReadAll(
    text,
    entries.length === 0
      ? undefined
      : Object.fromEntries(entries.map(([key, { value }]): [string, DuckDBValue] => [key, value])),
    entries.length === 0 ? undefined : Object.fromEntries(entries.map(([key, { type }]) => [key, type])),
  );
  return result.getRowsJson();
};

/** A value that is a text by what was asked. */
export const toName = (value: Json | undefined): string =>
  typeof value === "string" ? value : JSON.stringify(value ?? null);

const toReference = async (connection: DuckDBConnection, file: string): Promise<TableReference> => {
  const source = quoteText(file);
  const described = await connection.runAndReadAll(`describe select * from read_parquet(${source})`);
  const columns = described.getRowsJson().map(([name, type]) => ({ name: toName(name), type: toName(type) }));
  const counted = await connection.runAndReadAll(`select sum(num_rows) from parquet_file_metadata(${source})`);
  const { size } = await stat(file);
  return { uri: file, rows: Number(counted.getRowsJson()[0]?.[0] ?? 0), columns, bytes: size };
};

const isOneQuery = (connection: DuckDBConnection, text: string): Promise<boolean> =>
  connection.extractStatements(`from (\n${text}\n)`).then(
    () => true,
    () => false,
  );

/** Opens DuckDB for one step. */
export const openDatabase = async (options: OpenDatabase): Promise<Database> => {
  const { limits, scratch, inputs = {}, absent = [], signal } = options;
  signal.throwIfAborted();
  const files = [...(options.files ?? []), ...Object.values(inputs).map(({ uri }) => uri)];
  const { instance, connection } = await openLocked(limits, { scratch, files });
  const interrupt = (): void => connection.interrupt();
  signal.addEventListener("abort", interrupt);
  const [first] = Object.entries(inputs).toSorted(([left], [right]) => (left < right ? -1 : 1));
  const columns = Object.fromEntries([
    ...Object.entries(inputs).map(([name, reference]) => [name, reference.columns] as const),
    ...absent.map((name) => [name, first?.[1].columns ?? []] as const),
  ]);

  const attempt = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      throw toTrouble(error);
    }
  };
  const select = (text: string, values: Readonly<Record<string, Bound>> = {}): Promise<readonly (readonly Json[])[]> =>
    attempt(() => withBindings(connection, text, values));
  const run = async (text: string): Promise<void> => void (await attempt(() => connection.run(text)));

  const copyParquet: Database["copyParquet"] = async (text, file, values = {}) => {
    const { count } = await attempt(() => connection.extractStatements(text));
    // Only whole statements get this far, so that none can leave the parentheses. A pivot counts as several.
    if (count !== 1 && !(await isOneQuery(connection, text))) {
      throw new StepRefusal(`One query is expected, and ${count} are there.`);
    }
    await select(`copy (from (\n${text}\n)) to ${quoteText(file)} (format parquet, compression zstd)`, values);
    return await attempt(() => toReference(connection, file));
  };

  const database: Database = {
    run,
    select,
    copyParquet,
    write: (sql) => writeStatement(sql, columns),
    writeParquet: (sql, params, file) => copyParquet(writeStatement(sql, columns), file, bindingsOf(sql, params)),
    async describe(text) {
      const rows = await select(`describe ${text}`);
      return rows.map(([name, type]) => ({ name: toName(name), type: toName(type) }));
    },
    async [Symbol.asyncDispose]() {
      signal.removeEventListener("abort", interrupt);
      connection.closeSync();
      instance.closeSync();
    },
  };
  try {
    for (const [name, { uri }] of Object.entries(inputs)) {
      await run(`create view ${quoteName(name)} as select * from read_parquet(${quoteText(uri)})`);
    }
    for (const name of absent) {
      await run(`create view ${quoteName(name)} as select * from ${quoteName(first?.[0] ?? "")} where false`);
    }
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
  return database;
};
