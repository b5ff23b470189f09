import type { TableReference } from "@airfleet/model";
import type pg from "pg";
import { quoteName } from "../duckdb/quote.ts";
import { StepRefusal } from "../step-trouble.ts";
import { toPostgresType } from "./postgres-types.ts";

type Columns = TableReference["columns"];

/** The table that rows are written to. */
export interface TargetTable {
  /** Quoted. */
  readonly name: string;
  /** PostgreSQL's types by the column's name. */
  readonly types: ReadonlyMap<string, string>;
}

export interface PrepareTable {
  readonly name: string;
  readonly mayCreate: boolean;
  readonly columns: Columns;
  readonly keys: readonly string[];
}

const describe = async (client: pg.Client, name: string): Promise<ReadonlyMap<string, string>> => {
  const found = await client.query<{ name: string; type: string }>(
    "select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute where attrelid = to_regclass($1) and attnum > 0 and not attisdropped and attgenerated = '' order by attnum",
    [name],
  );
  return new Map(found.rows.map((row) => [row.name, row.type]));
};

/** Makes the table, or checks that it has the columns. Until the transaction ends others may read it, not write to it. */
export const prepareTable = async (client: pg.Client, wanted: PrepareTable): Promise<TargetTable> => {
  const { name, mayCreate, columns, keys } = wanted;
  const found = await client.query<{ is_there: boolean }>("select to_regclass($1) is not null as is_there", [name]);
  if (found.rows[0]?.is_there !== true) {
    if (!mayCreate) throw new StepRefusal(`There is no table ${name}. Make it, or set create_table.`);
    if (columns.length === 0) throw new StepRefusal("Rows without columns make no table.");
    const list = columns.map((column) => `${quoteName(column.name)} ${toPostgresType(column.type)}`);
    await client.query(`create table ${name} (${list.join(", ")})`);
  }
  await client.query(`lock table ${name} in share row exclusive mode`);
  const types = await describe(client, name);
  const missing = columns.filter((column) => !types.has(column.name));
  if (missing.length > 0) {
    const listed = missing.map((column) => `"${column.name}"`).join(", ");
    throw new StepRefusal(
      `Table ${name} has no column ${listed}. It has: ${[...types.keys()].join(", ")}. Add the column, or drop it from the rows.`,
    );
  }
  const stranger = keys.find((key) => columns.every((column) => column.name !== key));
  if (stranger !== undefined) throw new StepRefusal(`The rows have no column "${stranger}", which is part of the key.`);
  return { name, types };
};
