import { DuckDBInstance, type Json } from "@duckdb/node-api";
import { toName } from "../../src/steps/duckdb/database.ts";

export interface Table {
  readonly columns: readonly (readonly [string, string])[];
  readonly rows: readonly (readonly Json[])[];
}

/** What a Parquet file holds: columns with DuckDB's types, rows as its JSON has them. */
export const readTable = async (file: string): Promise<Table> => {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  try {
    await connection.run("set TimeZone = 'UTC'");
    const source = `read_parquet('${file.replaceAll("'", "''")}')`;
    const described = await connection.runAndReadAll(`describe select * from ${source}`);
    const rows = await connection.runAndReadAll(`select * from ${source}`);
    return {
      columns: described.getRowsJson().map(([name, type]) => [toName(name), toName(type)] as const),
      rows: rows.getRowsJson(),
    };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
};
