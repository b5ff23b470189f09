import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
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
import { outputFile } from "../step-context.ts";
import { StepRefusal } from "../step-trouble.ts";
import { inTransaction } from "./postgres-client.ts";
import { isNested, toPostgresType } from "./postgres-types.ts";

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
const STAGE = "airfleet_stage";

const nameOf = ({ schema, table }: Options): string =>
  schema === undefined ? quoteName(table) : `${quoteName(schema)}.${quoteName(table)}`;

/** A column as PostgreSQL reads it in CSV. */
const toExpression = ({ name, type }: Column): string => {
  const column = quoteName(name);
  if (type === "BLOB") return `'\\x' || lower(hex(${column})) as ${column}`;
  return isNested(type) ? `cast(to_json(${column}) as varchar) as ${column}` : column;
};

const writeRows = async (context: StepContext, rows: TableReference, file: string): Promise<void> => {
  await using database = await openDatabase({ ...context, files: [file], inputs: { rows } });
  const list = rows.columns.map(toExpression).join(", ");
  // A text that reads like the mark for "missing" is quoted, and then is none.
  await database.run(`copy (select ${list} from rows) to ${quoteText(file)} (format csv, header false, nullstr '\\N')`);
};

/** Makes the table, or checks that it has the columns. */
const prepareTable = async (client: pg.Client, options: Options, columns: readonly Column[]): Promise<void> => {
  const table = nameOf(options);
  const found = await client.query<{ name: string | null }>("select to_regclass($1)::text as name", [table]);
  if (found.rows[0]?.name === null || found.rows[0] === undefined) {
    if (!options.create_table) throw new StepRefusal(`There is no table ${table}. Make it, or set create_table.`);
    const list = columns.map(({ name, type }) => `${quoteName(name)} ${toPostgresType(type)}`);
    await client.query(`create table ${table} (${list.join(", ")})`);
    return;
  }
  const attributes = await client.query<{ name: string }>(
    "select attname as name from pg_attribute where attrelid = to_regclass($1) and attnum > 0 and not attisdropped order by attnum",
    [table],
  );
  const known = new Set(attributes.rows.map(({ name }) => name));
  const missing = columns.find(({ name }) => !known.has(name));
  if (missing !== undefined) {
    throw new StepRefusal(
      `The table ${table} has no column "${missing.name}". It has: ${[...known].join(", ")}. Add it, or leave it out of the rows.`,
    );
  }
};

const load = async (
  client: pg.Client,
  table: string,
  list: string,
  file: string,
  signal: AbortSignal,
): Promise<void> => {
  const target = client.query(copyFrom(`copy ${table} (${list}) from stdin (format csv, null '\\N')`));
  await pipeline(createReadStream(file, { highWaterMark: CHUNK }), target, { signal });
};

/** Puts rows in the place of those with the same key, and the others behind them. */
const merge = async (
  client: pg.Client,
  table: string,
  names: readonly string[],
  keys: readonly string[],
): Promise<void> => {
  const missing = keys.find((key) => !names.includes(key));
  if (missing !== undefined) throw new StepRefusal(`The rows have no column "${missing}", which is a key.`);
  const keyList = keys.map(quoteName).join(", ");
  const twice = await client.query(
    `select ${keyList} from ${STAGE} where ${keys.map((key) => `${quoteName(key)} is not null`).join(" and ")} group by ${keyList} having count(*) > 1 limit 1`,
  );
  const first = twice.rows[0] as Readonly<Record<string, unknown>> | undefined;
  if (first !== undefined) {
    throw new StepRefusal(
      `Several rows have the same key: ${JSON.stringify(first)}. Remove duplicates before loading.`,
    );
  }
  const same = keys.map((key) => `t.${quoteName(key)} = s.${quoteName(key)}`).join(" and ");
  const others = names.filter((name) => !keys.includes(name));
  await client.query(`lock table ${table} in share row exclusive mode`);
  if (others.length > 0) {
    const changes = others.map((name) => `${quoteName(name)} = s.${quoteName(name)}`).join(", ");
    await client.query(`update ${table} t set ${changes} from ${STAGE} s where ${same}`);
  }
  const list = names.map(quoteName).join(", ");
  await client.query(
    `insert into ${table} (${list}) select ${list} from ${STAGE} s where not exists (select 1 from ${table} t where ${same})`,
  );
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
  target: PostgresTarget,
  rows: TableReference,
): Promise<number> => {
  const options = parseOptions(Options, target.options);
  const folder = path.dirname(await outputFile(context, "rows"));
  const file = path.join(folder, `${randomBytes(6).toString("hex")}.csv`);
  try {
    await writeRows(context, rows, file);
    const table = nameOf(options);
    const names = rows.columns.map(({ name }) => name);
    const list = names.map(quoteName).join(", ");
    await inTransaction(context, connection, options.timeout, async (client) => {
      await prepareTable(client, options, rows.columns);
      switch (target.mode) {
        case "append":
          await load(client, table, list, file, context.signal);
          break;
        case "replace":
          // Readers see the old rows until the new ones are all there, which TRUNCATE would not give them.
          await client.query(`delete from ${table}`);
          await load(client, table, list, file, context.signal);
          break;
        case "upsert":
          await client.query(`create temp table ${STAGE} on commit drop as select ${list} from ${table} with no data`);
          await load(client, STAGE, list, file, context.signal);
          await client.query(`analyze ${STAGE}`);
          await merge(client, table, names, target.keys);
          break;
        default:
          target.mode satisfies never;
      }
    });
    return rows.rows;
  } finally {
    await rm(file, { force: true });
  }
};
