import type { CacheLayout } from "../cache/layout.ts";
import { type DagsterState, judgeDagster, listDagsters } from "../dagster/dagster-state.ts";
import { isAlive } from "../process/identity.ts";
import { type InstanceState, judgeInstance, listInstanceIds, readInstanceState } from "../state/instance-state.ts";

/** One engine as `status --json` and `up --json` print it. */
export interface EngineReport {
  readonly id: string;
  /** Major version of Airflow, or 1 for Dagster. */
  readonly generation: number;
  readonly version: string;
  /** `lost`: its owner or all of its processes have ended; `clean` removes it. `degraded`: some processes have ended. */
  readonly status: "starting" | "ready" | "degraded" | "lost";
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly dags_folder: string;
  readonly database_url: string;
  readonly default_intervals: boolean;
  readonly started_at: string;
  readonly components: readonly { readonly name: string; readonly pid: number | null; readonly running: boolean }[];
}

const report = async (state: InstanceState): Promise<EngineReport> => {
  const components = await Promise.all(
    state.components.map(async ({ name, process }) => ({
      name,
      pid: process?.pid ?? null,
      running: process !== null && (await isAlive(process)),
    })),
  );
  const isWhole = components.every((component) => component.running);
  const life = await judgeInstance(state);
  return {
    id: state.id,
    generation: state.generation,
    version: state.version,
    status: life === "lost" ? "lost" : state.status === "ready" && !isWhole ? "degraded" : state.status,
    url: state.url,
    username: state.username,
    password: state.password,
    dags_folder: state.dagsFolder,
    database_url: state.databaseUrl,
    default_intervals: state.defaultIntervals,
    started_at: state.startedAt,
    components,
  };
};

const reportDagster = async (state: DagsterState): Promise<EngineReport> => {
  const components = await Promise.all(
    state.components.map(async ({ name, process }) => ({
      name,
      pid: process?.pid ?? null,
      running: process !== null && (await isAlive(process)),
    })),
  );
  const isWhole = components.every((component) => component.running);
  const life = await judgeDagster(state);
  return {
    id: state.id,
    generation: 1,
    version: state.version,
    status: life === "lost" ? "lost" : state.status === "ready" && !isWhole ? "degraded" : state.status,
    url: state.url,
    username: "-",
    password: "-",
    dags_folder: state.codeFolder,
    database_url: `sqlite in ${state.home}`,
    default_intervals: false,
    started_at: state.startedAt,
    components,
  };
};

/** @param ids default: all engines */
export const reportEngines = async (layout: CacheLayout, ids?: readonly string[]): Promise<readonly EngineReport[]> => {
  const states = await Promise.all((ids ?? (await listInstanceIds(layout))).map((id) => readInstanceState(layout, id)));
  const dagsters = (await listDagsters(layout)).filter(({ id }) => ids?.includes(id) ?? true);
  return await Promise.all([
    ...states.filter((state) => state !== undefined).map(report),
    ...dagsters.map(reportDagster),
  ]);
};

const COLUMNS = [
  "id",
  "version",
  "status",
  "url",
  "username",
  "password",
  "dags_folder",
] as const satisfies (keyof EngineReport)[];

/** The reports as a table for people. */
export const toTable = (reports: readonly EngineReport[]): string => {
  const rows = [
    COLUMNS.map((column) => column.toUpperCase()),
    ...reports.map((each) => COLUMNS.map((column) => each[column])),
  ];
  const widths = COLUMNS.map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
};
