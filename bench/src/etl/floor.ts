import { createReadStream, rmSync, statSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { DuckDBInstance } from "@duckdb/node-api";
import pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { CUSTOMERS, ORDERS } from "./etl-plan.ts";

/** What nobody can be much quicker than: one query of DuckDB into a file, one COPY. usage: floor.ts DATA WORK URL */
const [data = "", work = "", url = ""] = process.argv.slice(2);
const instance = await DuckDBInstance.create(":memory:", { threads: "2", memory_limit: "400MB" });
const connection = await instance.connect();
const client = new pg.Client({ connectionString: url });
await client.connect();
await client.query(
  "create table orders_detail(id bigint, ts timestamp, customer_id bigint, country text, amount float8, category text, qty bigint, note text, segment text, region_id bigint, active boolean, total float8)",
);
const file = `${work}.csv`;
// Warm, as the others are.
await connection.run(`select count(*) from read_csv('${data}/${CUSTOMERS}')`);
const began = performance.now();
await connection.run(
  `copy (select f.*, c.segment, c.region_id, c.active, f.amount * f.qty as total from read_csv('${data}/${ORDERS}') f join read_csv('${data}/${CUSTOMERS}') c using (customer_id) where c.active and amount > 200 and qty >= 2) to '${file}' (format csv, header false)`,
);
const copy = client.query(copyFrom("copy orders_detail from stdin (format csv)"));
await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), copy);
const ms = performance.now() - began;
process.stdout.write(`${JSON.stringify({ ms, rows: copy.rowCount, handedOver: statSync(file).size })}\n`);
await client.end();
rmSync(file);
