import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { openStore } from "@airfleet/store";
import { createDatabase, dropDatabase, ensurePostgres, withDatabase } from "@airfleet/tools-engines";
import { round } from "./measure.ts";
import type { Bench, BenchRow } from "./result.ts";
import { fillingOf, fillStore } from "./subject-page/fill-store.ts";
import type { StorePlace } from "./subject-page/raw-database.ts";
import { type FilledStore, type PageTimes, sweepUntil, timePages } from "./subject-page/time-pages.ts";

const SECRET_KEY = "YmVuY2gtYmVuY2gtYmVuY2gtYmVuY2gtYmVuY2gtMTI=";

/** `SUBJECT_PAGE_RUNS=500000` measures a tenth, as `--quick` does, beside a tenth of that. */
const fullSize = (quick: boolean): number => Number(process.env["SUBJECT_PAGE_RUNS"] ?? (quick ? 500_000 : 5_000_000));

/** Makes room for a store, and takes it away afterwards. */
type Room = (runs: number) => Promise<StorePlace & AsyncDisposable>;

const sqliteRoom: Room = async () => {
  const dataDir = mkdtempSync(path.join(tmpdir(), "airfleet-bench-"));
  return { dataDir, [Symbol.asyncDispose]: async () => rmSync(dataDir, { recursive: true, force: true }) };
};

const postgresRoom =
  (server: string): Room =>
  async (runs) => {
    const name = `airfleet_bench_${process.pid}_${runs}`;
    await createDatabase(server, name);
    return { url: withDatabase(server, name), [Symbol.asyncDispose]: () => dropDatabase(server, name) };
  };

const openFilled = async (place: StorePlace, runs: number): Promise<FilledStore> => {
  const filling = fillingOf(runs);
  const open = () => openStore({ ...place, secretKey: SECRET_KEY });
  // The first time for its tables.
  await (await open()).close();
  const started = performance.now();
  await fillStore(place, filling);
  process.stdout.write(`${runs} runs were written in ${round((performance.now() - started) / 1_000)} s\n`);
  return { store: await open(), filling };
};

interface Measured {
  /** A tenth, and all of it. */
  readonly alone: PageTimes;
  /** All of it. */
  readonly swept: PageTimes;
  readonly removed: number;
}

const measure = async (makeRoom: Room, runs: number, requests: number): Promise<Measured> => {
  await using smallRoom = await makeRoom(runs / 10);
  await using largeRoom = await makeRoom(runs);
  const small = await openFilled(smallRoom, runs / 10);
  const large = await openFilled(largeRoom, runs);
  try {
    const alone = await timePages([small, large], requests);
    const stop = new AbortController();
    const sweep = sweepUntil(large.store, stop.signal);
    const swept = await timePages([large], requests);
    stop.abort();
    return { alone, swept, removed: await sweep };
  } finally {
    await small.store.close();
    await large.store.close();
  }
};

/** Under a millisecond a ratio is one of noise. */
const NOISE_MS = 1;

const rowsFor = (store: string, runs: number, { alone, swept, removed }: Measured): BenchRow[] => {
  const size = `${store}, ${runs / 1e6} M runs`;
  const lists = [...alone.p95].flatMap(([name, [tenth = Number.NaN, full = Number.NaN]]): BenchRow[] => {
    const [sweeping = Number.NaN] = swept.p95.get(name) ?? [];
    return [
      {
        what: `${size}, ${name}: p95`,
        ours: `${round(full, 2)} ms`,
        baseline: `${round(tenth, 2)} ms at a tenth`,
        ratio: full / tenth,
        target: "< 100 ms, < 1.5×",
        reached: full < 100 && (full < 1.5 * tenth || full - tenth < NOISE_MS),
      },
      {
        what: `${size}, ${name}, while a sweep drops ${removed} runs: p95`,
        ours: `${round(sweeping, 2)} ms`,
        baseline: `${round(full, 2)} ms without`,
        ratio: sweeping / full,
        target: "< 100 ms, < 2×",
        reached: sweeping < 100 && (sweeping < 2 * full || sweeping - full < NOISE_MS),
      },
    ];
  });
  const held: BenchRow = {
    what: `${size}: how long a request waits for this thread, p99`,
    ours: `${round(swept.heldUpMs)} ms during a sweep`,
    baseline: `${round(alone.heldUpMs)} ms without`,
    ratio: swept.heldUpMs / alone.heldUpMs,
    target: "< 50 ms",
    reached: swept.heldUpMs < 50,
  };
  return [...lists, held];
};

/** G1: what a person opens most, over years of runs. */
export const subjectPage: Bench = {
  name: "subject-page",
  claim:
    "A subject's page and the lists around it at 5,000,000 runs and 10,000,000 links, and during a retention sweep",
  run: async ({ quick }) => {
    const runs = fullSize(quick);
    const requests = quick ? 60 : 200;
    await using server = await ensurePostgres();
    const onSqlite = await measure(sqliteRoom, runs, requests);
    const onPostgres = await measure(postgresRoom(server.url), runs, requests);
    return [...rowsFor("SQLite", runs, onSqlite), ...rowsFor("PostgreSQL", runs, onPostgres)];
  },
};
