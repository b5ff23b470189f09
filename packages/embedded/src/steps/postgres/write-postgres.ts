import { createReadStream } from "node:fs";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import type { Connection, TableReference, WriteMode } from "@airfleet/model";
import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { z } from "zod";
import { parseOptions } from "../connectors/options.ts";
import { openDatabase } from "../duckdb/database.ts";
import { quoteName, quoteText } from "../duckdb/quote.ts";
import type { StepContext } from "../step-context.ts";
import { mergeRows, STAGE } from "./merge-rows.ts";
import { inTransaction } from "./postgres-client.ts";
import { isNested } from "./postgres-types.ts";
import { prepareTable, type TargetTable } from "./target-table.ts";

const Options = z.object({
  schema: z.string().optional(),
  table: z.string(),
  create_table: z.boolean(),
  timeout: z.number().positive(),
});
type Options = z.infer<typeof Options>;
type Column = TableReference["columns"][number];

/** What is read from the disk at a time on the way into COPY. */
const CHUNK = 1 << 20;

const nameOf = ({ schema, table }: Options): string =>
  schema === undefined ? quoteName(table) : `${quoteName(schema)}.${quoteName(table)}`;

/** A column as PostgreSQL reads it in CSV. */
const toExpression = ({ name, type }: Column, target: string): string => {
  const column = quoteName(name);
  if (type === "BLOB") return `'\\x' || hex(${column}) as ${column}`;
  if (type.endsWith("[]") && target.endsWith("[]") && !isNested(type.slice(0, -2))) {
    const escaped = `replace(replace(cast(item as varchar), '\\', '\\\\'), '"', '\\"')`;
    const items = `list_transform(${column}, lambda item: coalesce('"' || ${escaped} || '"', 'NULL'))`;
    return `'{' || array_to_string(${items}, ',') || '}' as ${column}`;
  }
  return isNested(type) ? `cast(to_json(${column}) as varchar) as ${column}` : column;
};

/** Where rows are on their way: in Parquet, in a file of text, in a table. */
interface Loading {
  readonly context: StepContext;
  readonly client: pg.Client;
  readonly rows: TableReference;
  readonly target: TargetTable;
}

/** Brings the rows into a table: the target, or one beside it. */
const fill = async ({ context, client, rows, target }: Loading, table: string): Promise<void> => {
  const file = path.join(context.scratch, "rows.csv");
  const list = rows.columns.map((column) => toExpression(column, target.types.get(column.name) ?? "")).join(", ");
  {
    await using database = await openDatabase({ ...context, files: [file], inputs: { rows } });
    // A text that reads like the mark for "missing" is quoted, and then is none.
    await database.run(
      `copy (select ${list} from rows) to ${quoteText(file)} (format csv, header false, nullstr '\\N')`,
    );
  }
  const names = rows.columns.map(({ name }) => quoteName(name)).join(", ");
  const into = client.query(copyFrom(`copy ${table} (${names}) from stdin (format csv, null '\\N', encoding 'utf8')`));
  await pipeline(createReadStream(file, { highWaterMark: CHUNK }), into, { signal: context.signal });
};

export interface PostgresTarget {
  readonly mode: WriteMode;
  readonly keys: readonly string[];
  readonly options: unknown;
}

/** Writes rows into a table: all of them or none. Answers how many rows were written. */
export const writePostgres = async (
  context: StepContext,
  connection: Connection,
  given: PostgresTarget,
  rows: TableReference,
): Promise<number> => {
  const options = parseOptions(Options, given.options);
  const keys = given.mode === "upsert" ? given.keys : [];
  await inTransaction(context, connection, options.timeout, async (client) => {
    const wanted = { name: nameOf(options), mayCreate: options.create_table, columns: rows.columns, keys };
    const target = await prepareTable(client, wanted);
    const loading = { context, client, rows, target };
    const names = rows.columns.map(({ name }) => name);
    switch (given.mode) {
      case "append":
        // The transaction is the stage: nobody sees a row before all are there.
        await fill(loading, target.name);
        break;
      case "replace":
        // Readers see the old rows until the new ones are all there; TRUNCATE would show them an empty table.
        await client.query(`delete from ${target.name}`);
        await fill(loading, target.name);
        break;
      case "upsert": {
        const list = names.map(quoteName).join(", ");
        await client.query(
          `create temp table airfleet_stage on commit drop as select ${list} from ${target.name} with no data`,
        );
        await fill(loading, STAGE);
        await mergeRows(client, target.name, names, keys);
        break;
      }
      default:
        given.mode satisfies never;
    }
  });
  return rows.rows;
};
