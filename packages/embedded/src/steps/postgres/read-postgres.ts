import { createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import type { Connection, TableReference } from "@airfleet/model";
import { to as copyTo } from "pg-copy-streams";
import { z } from "zod";
import { parseOptions } from "../connectors/options.ts";
import { openDatabase } from "../duckdb/database.ts";
import { quoteName, quoteText } from "../duckdb/quote.ts";
import type { StepContext } from "../step-context.ts";
import { bindLiterals } from "./bind-literals.ts";
import { inTransaction } from "./postgres-client.ts";
import { toDuckDbType } from "./postgres-types.ts";

const Options = z.object({
  query: z.string(),
  query_params: z.array(z.string()),
  limit: z.int().positive().nullable(),
  offset: z.int().min(0),
  timeout: z.number().positive(),
});

/** Bytes of one row, at least and at most. DuckDB holds a buffer of them for each thread, within the memory of the step. */
const SHORTEST_BUFFER = 1 << 24;
const LONGEST_LINE = 1 << 26;

const toSelect = (names: readonly string[], types: readonly string[], file: string, size: number): string => {
  const longest = Math.max(SHORTEST_BUFFER, Math.min(LONGEST_LINE, size + 2));
  // Columns by number: a query may name two alike, and CSV has no names here.
  const isBytes = (index: number): boolean => types[index] === "BLOB";
  const columns = types.map(
    (type, index) => `${quoteText(`c${index}`)}: ${quoteText(isBytes(index) ? "VARCHAR" : type)}`,
  );
  const list = names.map((name, index) => {
    const column = `c${index}`;
    return `${isBytes(index) ? `unhex(substr(${column}, 3))` : column} as ${quoteName(name)}`;
  });
  return `select ${list.join(", ")} from read_csv(${quoteText(file)}, columns = {${columns.join(", ")}}, auto_detect = false, header = false, delim = ',', quote = '"', escape = '"', nullstr = '\\N', allow_quoted_nulls = false, new_line = '\\n', max_line_size = ${longest}, buffer_size = ${longest})`;
};

/** Reads the rows of a query into one Parquet file. */
export const readPostgres = async (
  context: StepContext,
  connection: Connection,
  given: unknown,
  target: string,
): Promise<TableReference> => {
  const options = parseOptions(Options, given);
  const query = bindLiterals(options.query, options.query_params, context.params);
  const window = `${options.limit === null ? "" : ` limit ${options.limit}`}${options.offset === 0 ? "" : ` offset ${options.offset}`}`;
  // On a line of its own: the query may end in a comment.
  const text = window === "" ? query : `select * from (${query}\n) as airfleet_rows${window}`;
  const file = `${target}.csv`;
  const fields = await inTransaction(context, connection, options.timeout, async (client) => {
    await client.query("set transaction read only");
    const described = await client.query(`select * from (${query}\n) as airfleet_rows limit 0`);
    const rows = client.query(copyTo(`copy (${text}\n) to stdout (format csv, null '\\N')`));
    await pipeline(rows, createWriteStream(file, { mode: 0o600 }), { signal: context.signal });
    return described.fields;
  });
  await using database = await openDatabase({ ...context, files: [file] });
  const types = fields.map(({ dataTypeID, dataTypeModifier }) => toDuckDbType(dataTypeID, dataTypeModifier));
  const names = fields.map(({ name }) => name);
  return await database.copyParquet(toSelect(names, types, file, (await stat(file)).size), target);
};
