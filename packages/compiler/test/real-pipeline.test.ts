import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import {
  createDatabase,
  dropDatabase,
  ensurePostgres,
  type Postgres,
  type RunningAirflow,
  withDatabase,
} from "@airfleet/tools-engines";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { takeAirflow } from "../../airflow/test/conformance/instance-under-trial.ts";
import type { PipelineSource } from "../src/index.ts";
import { openPipelineBed, type PipelineBed } from "./pipelines/pipeline-bed.ts";

const LONG = { timeout: 900_000 };
const SECRET = `pass-${randomBytes(8).toString("hex")}`;
const retry = { count: 2, delay_seconds: 1 };

const node = (id: string, type: string, moduleId: string, config: unknown, more: Record<string, unknown> = {}) => ({
  id,
  type,
  data: { label: `Node ${id} "été"`, moduleId, config, ...more },
});
const edge = (source: string, target: string, handles: { from?: string; to?: string } = {}) => ({
  source,
  target,
  sourceHandle: handles.from,
  targetHandle: handles.to,
});
const uuid = (): string => crypto.randomUUID();

describe.each([2, 3] as const)("on a real Airflow %i", (generation) => {
  let airflow: RunningAirflow;
  let bed: PipelineBed;
  let postgres: Postgres;
  let client: Client;
  let hashes: readonly string[] = [];
  const database = `airfleet_pipelines_${randomBytes(4).toString("hex")}`;
  const connection = `target_${randomBytes(4).toString("hex")}`;
  const target = (table: string, more: Record<string, unknown> = {}) => ({ connection_id: connection, table, ...more });

  const sums: PipelineSource = {
    id: uuid(),
    name: 'Sums {{ x }} """',
    defaultParams: { least: 10, table_note: "usual" },
    config: {
      nodes: [
        node("orders", "extractor", "csv-extractor", { path: "orders-*.csv" }),
        node("customers", "extractor", "csv-extractor", { path: "customers.csv" }),
        node("keep", "transformer", "filter", { condition: "amount >= {{ params.least }}" }),
        node("joined", "transformer", "join", { on: [{ left: "customer", right: "id" }], how: "inner" }),
        node("sum", "transformer", "aggregate", {
          group_by: ["country"],
          aggregations: [{ function: "sum", column: "amount", as: "amount" }],
        }),
        node("load", "loader", "postgres-loader", target("sums", { mode: "replace" })),
      ],
      edges: [
        edge("orders", "keep"),
        edge("keep", "joined", { to: "left" }),
        edge("customers", "joined", { to: "right" }),
        edge("joined", "sum"),
        edge("sum", "load"),
      ],
    },
  };

  const ways: PipelineSource = {
    id: uuid(),
    name: "Ways",
    defaultParams: { most: 100 },
    config: {
      nodes: [
        node("orders", "extractor", "csv-extractor", { path: "orders-1.csv" }),
        node("way", "control", "branch", {
          ways: [{ output: "many", condition: "count(*) > {{ params.most }}" }],
          otherwise: "few",
        }),
        node("big", "transformer", "filter", { condition: "amount > 1000" }),
        node("small", "transformer", "filter", { condition: "amount > 0" }),
        node("both", "transformer", "union", { source_column: "way" }),
        node("load", "loader", "postgres-loader", target("ways", { mode: "append" })),
      ],
      edges: [
        edge("orders", "way"),
        edge("way", "big", { from: "many" }),
        edge("way", "small", { from: "few" }),
        edge("big", "both", { to: "big" }),
        edge("small", "both", { to: "small" }),
        edge("both", "load"),
      ],
    },
  };

  const checked: PipelineSource = {
    id: uuid(),
    name: "Checked",
    config: {
      nodes: [
        node("orders", "extractor", "csv-extractor", { path: "orders-1.csv" }),
        node(
          "valid",
          "transformer",
          "validate",
          { rules: [{ check: "minimum", column: "amount", value: 7 }], on_failure: "fail" },
          { retry },
        ),
        node("load", "loader", "postgres-loader", target("never")),
      ],
      edges: [edge("orders", "valid"), edge("valid", "load")],
    },
  };

  const missing: PipelineSource = {
    id: uuid(),
    name: "A column too many",
    config: {
      nodes: [
        node("read", "extractor", "postgres-extractor", {
          connection_id: connection,
          query: "select 1 as id, 2 as strange",
        }),
        node("code", "transformer", "python-code", {
          code: "def transform(df):\n    return df.assign(id=df.id + 1)\n",
        }),
        node("load", "loader", "postgres-loader", target("narrow"), { retry }),
      ],
      edges: [edge("read", "code"), edge("code", "load")],
    },
  };

  beforeAll(async () => {
    postgres = await ensurePostgres();
    await createDatabase(postgres.url, database);
    client = new Client({ connectionString: withDatabase(postgres.url, database) });
    await client.connect();
    await client.query("create table narrow (id int)");
    airflow = await takeAirflow(generation);
    bed = await openPipelineBed(airflow);
    await writeFile(path.join(bed.data, "orders-1.csv"), "customer,amount\n1,10.5\n2,5\n1,20\n");
    await writeFile(path.join(bed.data, "orders-2.csv"), "customer,amount\n2,100\n3,70\n");
    await writeFile(path.join(bed.data, "customers.csv"), "id,country\n1,FR\n2,DE\n");
    const { hostname, port, username } = new URL(postgres.url);
    const description = {
      conn_type: "postgres",
      host: hostname,
      port: Number(port || 5432),
      login: username,
      password: SECRET,
      schema: database,
    };
    await airflow.command(["connections", "add", connection, "--conn-json", JSON.stringify(description)]);
    hashes = await bed.deploy(sums, ways, checked, missing);
  }, 900_000);

  afterAll(async () => {
    await airflow?.command(["connections", "delete", connection]).catch(() => undefined);
    await bed?.[Symbol.asyncDispose]();
    await airflow?.[Symbol.asyncDispose]();
    await client?.end();
    await dropDatabase(postgres.url, database);
    await postgres?.[Symbol.asyncDispose]();
  }, 120_000);

  const loaded = async (table: string): Promise<readonly unknown[]> =>
    (await client.query(`select * from ${table} order by 1, 2`)).rows as unknown[];

  test("the files import without a complaint", () => {
    return expect(bed.importErrors()).resolves.toEqual([]);
  });

  test.concurrent("rows go from files through filter, join and sum into PostgreSQL", LONG, async () => {
    const run = await bed.run(sums);
    expect(run.state).toBe("success");
    expect(await loaded("sums")).toEqual([
      { country: "DE", amount: 100 },
      { country: "FR", amount: 30.5 },
    ]);
    const keep = await run.left("keep");
    expect(keep).toMatchObject({ rows_in: 5, rows_out: 4 });
    expect(keep.outputs["out"]?.uri).toMatch(/\/keep\/out\.parquet$/);
    expect(await run.left("load")).toMatchObject({ rows_in: 2, rows_out: 2, outputs: {} });
    // The log says which artifact ran, and no secret.
    const log = await run.log("load");
    expect(log).toContain(`airfleet: artifact ${hashes[0]} step load`);
    expect(log).not.toContain(SECRET);
    // What Airfleet sends wins over the form, and the form over defaults.
    await bed.run(sums, { least: 1000, params: { least: 30 }, pipeline_id: sums.id, execution_id: "e1" });
    expect(await loaded("sums")).toEqual([{ country: "DE", amount: 100 }]);
  });

  test.concurrent("ways that were not taken are skipped, and what brings them together goes on", LONG, async () => {
    const few = await bed.run(ways);
    expect(few.state).toBe("success");
    expect(few.tasks).toMatchObject({
      big: { state: "skipped" },
      small: { state: "success" },
      both: { state: "success" },
    });
    expect((await few.left("way")).chosen).toBe("few");
    expect(await loaded("ways")).toHaveLength(3);
    const many = await bed.run(ways, { most: 1 });
    expect(many.tasks).toMatchObject({ big: { state: "success" }, small: { state: "skipped" } });
    expect(await many.left("both")).toMatchObject({ rows_in: 0, rows_out: 0 });
    expect(await loaded("ways")).toHaveLength(3);
  });

  test.concurrent("a check that fails is not tried again", LONG, async () => {
    const run = await bed.run(checked);
    expect(run.state).toBe("failed");
    expect(run.tasks).toMatchObject({ valid: { state: "failed", tries: 1 }, load: { state: "upstream_failed" } });
    expect(await run.log("valid")).toContain("1 rows break the rules");
  });

  test.concurrent(
    "rows that the table has no column for are refused by its name, and nothing is loaded",
    LONG,
    async () => {
      const run = await bed.run(missing);
      expect(run.tasks).toMatchObject({ code: { state: "success" }, load: { state: "failed", tries: 1 } });
      const log = await run.log("load");
      expect(log).toContain('has no column "strange"'.replaceAll('"', log.includes('\\"strange') ? '\\"' : '"'));
      expect(await loaded("(select id, id from narrow) as t")).toEqual([]);
    },
  );
});
