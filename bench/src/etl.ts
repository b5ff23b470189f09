import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import {
  cacheLayout,
  createDatabase,
  dropDatabase,
  ensureInstalled,
  ensurePostgres,
  withDatabase,
} from "@airfleet/tools-engines";
import { CUSTOMERS, ORDERS } from "./etl/etl-plan.ts";
import { type Measured, measureProcess } from "./etl/measured-process.ts";
import { median, round } from "./measure.ts";
import type { Bench, BenchRow } from "./result.ts";

const HERE = path.join(import.meta.dirname, "etl");
const SOURCE = "--conditions=@airfleet/source";
const PYTHON_SOURCES = path.join(import.meta.dirname, "../../python/src");

type Way = "floor" | "ours" | "python" | "seed";

/** The same rows on every machine. */
const generate = async (folder: string, rows: number): Promise<void> => {
  mkdirSync(folder, { recursive: true });
  const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
  const connection = await instance.connect();
  await connection.run(
    `copy (select i as customer_id, 'seg' || (i % 5) as segment, (i % 40) as region_id, i % 10 <> 0 as active from range(20000) t(i)) to '${folder}/${CUSTOMERS}' (header)`,
  );
  await connection.run(
    `copy (select i as id, timestamp '2025-01-01' + to_seconds(i * 37 % 31000000) as ts, (hash(i) % 20000)::int as customer_id,
      ['DE','FR','US','IT','ES','PL','GB','NL'][(hash(i * 3) % 8)::int + 1] as country, round((hash(i * 7) % 100000) / 100.0, 2) as amount,
      ['books','toys','food','garden','tools','music'][(hash(i * 11) % 6)::int + 1] as category, (hash(i * 13) % 9)::int + 1 as qty,
      'note ' || (hash(i * 17) % 100000) || case when i % 50 = 0 then ' "quoted", with comma' else ' plain text' end as note
      from range(${rows}) t(i)) to '${folder}/${ORDERS}' (header)`,
  );
  connection.closeSync();
  instance.closeSync();
};

const toConnection = (url: string) => {
  const { hostname, port, username, password, pathname } = new URL(url);
  return {
    kind: "postgres",
    host: hostname,
    port: port === "" ? 5432 : Number(port),
    login: username,
    password,
    schema: pathname.slice(1),
    extra: {},
  };
};

const argumentsOf = async (way: Way, data: string, work: string, url: string): Promise<[string, string[]]> => {
  const layout = cacheLayout();
  const connection = JSON.stringify(toConnection(url));
  if (way === "floor") return [process.execPath, [SOURCE, path.join(HERE, "floor.ts"), data, work, url]];
  if (way === "seed") {
    const { executable } = await ensureInstalled(layout, "airflow3", () => undefined);
    return [executable("python"), [path.join(HERE, "seed-way.py"), data, work, url]];
  }
  const { executable } = await ensureInstalled(layout, "python", () => undefined);
  const kind = way === "python" ? "python" : "own";
  const ours = [SOURCE, path.join(HERE, "our-way.ts"), data, work, connection, kind];
  return [process.execPath, [...ours, executable("python"), PYTHON_SOURCES]];
};

const row = (
  what: string,
  ours: string,
  baseline: string,
  ratio: number,
  target: string,
  reached: boolean,
): BenchRow => ({
  what,
  ours,
  baseline,
  ratio,
  target,
  reached,
});

const seconds = (of: readonly Measured[]): number => median(of.map(({ ms }) => ms)) / 1000;
const peak = (of: readonly Measured[]): number => median(of.map(({ peakMb }) => peakMb));

/** G2: what a pipeline costs beside the floor and beside the seed's way. */
export const etl: Bench = {
  name: "etl",
  claim:
    "CSV → filter → join → aggregate → PostgreSQL: time and memory beside one query with COPY, and beside pandas through JSON",
  run: async ({ quick }) => {
    const folder = mkdtempSync(path.join(tmpdir(), "airfleet-etl-"));
    const server = await ensurePostgres();
    let count = 0;
    const once = async (way: Way, rows: number): Promise<Measured> => {
      count += 1;
      const name = `airfleet_etl_${process.pid}_${count}`;
      await createDatabase(server.url, name);
      try {
        const [command, args] = await argumentsOf(
          way,
          `${folder}/${rows}`,
          `${folder}/work-${count}`,
          withDatabase(server.url, name),
        );
        const measured = await measureProcess(command, args);
        process.stdout.write(`${way} ${rows}: ${JSON.stringify(measured)}\n`);
        return measured;
      } finally {
        await dropDatabase(server.url, name);
      }
    };
    try {
      const usual = quick ? 100_000 : 1_000_000;
      const many = usual * 10;
      for (const rows of [usual, many]) await generate(`${folder}/${rows}`, rows);
      const taken: Record<Way, Measured[]> = { floor: [], ours: [], python: [], seed: [] };
      for (let time = 0; time < 3; time += 1) {
        for (const way of ["floor", "ours", "python"] as const) taken[way].push(await once(way, usual));
      }
      taken.seed.push(await once("seed", usual));
      const big = await once("ours", many);
      const [floor, ours, python, seed] = [
        seconds(taken.floor),
        seconds(taken.ours),
        seconds(taken.python),
        seconds(taken.seed),
      ];
      const [ourMb, seedMb] = [peak(taken.ours), peak(taken.seed)];
      const growth = big.ms / 1000 / ours / 10;
      const of = `${usual.toLocaleString("en")} rows`;
      return [
        row(
          `${of}, embedded engine`,
          `${round(ours, 2)} s`,
          `${round(floor, 2)} s floor`,
          ours / floor,
          "≤ 1.5",
          ours / floor <= 1.5,
        ),
        row(
          `${of}, Python interpreter`,
          `${round(python, 2)} s`,
          `${round(floor, 2)} s floor`,
          python / floor,
          "≤ 2",
          python / floor <= 2,
        ),
        row(
          `${of}, embedded engine`,
          `${round(ours, 2)} s`,
          `${round(seed, 1)} s pandas through JSON`,
          seed / ours,
          "≥ 20",
          seed / ours >= 20,
        ),
        row(
          `${of}, memory`,
          `${round(ourMb, 0)} MB`,
          `${round(seedMb, 0)} MB pandas through JSON`,
          seedMb / ourMb,
          "≥ 4",
          seedMb / ourMb >= 4,
        ),
        row(
          `${many.toLocaleString("en")} rows, memory`,
          `${round(big.peakMb, 0)} MB`,
          `${round(ourMb, 0)} MB for a tenth`,
          big.peakMb / ourMb,
          "< 1,000 MB",
          big.peakMb < 1_000,
        ),
        row(
          "time for ten times the rows",
          `${round(big.ms / 1000, 1)} s`,
          `${round(ours * 10, 1)} s by proportion`,
          growth,
          "≤ 1.2",
          growth <= 1.2,
        ),
      ];
    } finally {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
