import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { readRunningState } from "../airflow/running-airflow.ts";
import { failedDirectory, stopAirflow } from "../airflow/stop-airflow.ts";
import { dropUnusedDatabases, sweepLostEngines } from "../airflow/sweep.ts";
import { PROFILES } from "../airflow/profile.ts";
import { templateName } from "../airflow/template-database.ts";
import type { CacheLayout } from "../cache/layout.ts";
import { listDagsters, readDagsterState, stopDagster } from "../dagster/dagster-state.ts";
import { sweepLostDagsters } from "../dagster/start-dagster.ts";
import { EngineToolError } from "../errors.ts";
import { ensureInstalled } from "../install/install.ts";
import { lockFileHash } from "../install/lock-file.ts";
import { findPostgres } from "../postgres/ensure-postgres.ts";
import { ownServerUrl, removeOwnServer, stopUnusedServer } from "../postgres/own-server.ts";
import { lastLines } from "../process/run-command.ts";
import type { Progress } from "../progress.ts";
import { GENERATIONS, listInstanceIds, readInstanceState } from "../state/instance-state.ts";
import type { Command } from "./arguments.ts";
import { reportEngines, toTable } from "./describe-engines.ts";

type Of<Verb extends Command["verb"]> = Extract<Command, { verb: Verb }>;

const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** `down`: stops engines, several at once. */
export const down = async (layout: CacheLayout, { ids, all }: Of<"down">, progress: Progress): Promise<void> => {
  const dagsters = (await listDagsters(layout)).filter(({ id }) => all || ids.includes(id));
  const states = all
    ? (await Promise.all((await listInstanceIds(layout)).map((id) => readInstanceState(layout, id)))).filter(
        (state) => state !== undefined,
      )
    : await Promise.all(
        ids.filter((id) => !dagsters.some((state) => state.id === id)).map((id) => readRunningState(layout, id)),
      );
  await Promise.all([
    ...states.map(async (state) => {
      await stopAirflow(layout, state);
      progress(`stopped ${state.id}`);
    }),
    ...dagsters.map(async (state) => {
      await stopDagster(layout, state);
      progress(`stopped ${state.id}`);
    }),
  ]);
  if (states.length + dagsters.length === 0) progress("nothing is running");
};

/** `status`: what runs. */
export const status = async (layout: CacheLayout, { json }: Of<"status">): Promise<void> => {
  const reports = await reportEngines(layout);
  print(json ? JSON.stringify(reports, null, 2) : reports.length === 0 ? "nothing is running" : toTable(reports));
};

/** `install`: the packages only; databases are prepared by the first start. */
export const install = async (layout: CacheLayout, { names }: Of<"install">, progress: Progress): Promise<void> => {
  for (const name of names) {
    const { directory } = await ensureInstalled(layout, name, progress);
    progress(`${name} is installed in ${directory}`);
  }
};

/** `clean`: leftovers of crashed engines, databases that nobody uses, logs of failed starts. */
export const clean = async (layout: CacheLayout, { all }: Of<"clean">, progress: Progress): Promise<void> => {
  await sweepLostEngines(layout, progress);
  await sweepLostDagsters(layout, progress);
  await rm(layout.failed, { recursive: true, force: true });
  const templates = await Promise.all(
    GENERATIONS.map(async (generation) =>
      templateName(layout, generation, await lockFileHash(PROFILES[generation].lockFile)),
    ),
  );
  // One that is just being made by another process has its name with an ending.
  const keep = all ? [] : templates.flatMap((name) => [name, `${name}_new`]);
  const servers = [(await findPostgres())?.url, await ownServerUrl(layout)].filter((url) => url !== undefined);
  for (const url of servers) {
    for (const name of await dropUnusedDatabases(layout, url, keep)) progress(`dropped database ${name}`);
  }
  await (all ? removeOwnServer(layout) : stopUnusedServer(layout));
};

/** `logs`: the end of each component's log, also of an engine that failed to start. */
export const logs = async (layout: CacheLayout, { id, component, lines }: Of<"logs">): Promise<void> => {
  const state =
    (await readDagsterState(layout, id)) ??
    (await readInstanceState(layout, id)) ??
    (await readInstanceState({ ...layout, run: layout.failed }, id)) ??
    (await readRunningState(layout, id));
  const known = state.components.map(({ name }) => name);
  if (component !== undefined && !known.includes(component)) {
    throw new EngineToolError("COMPONENT_UNKNOWN", { id, component, allowed: known.join(", ") });
  }
  const isRunning = (await listInstanceIds(layout)).includes(id) || (await readDagsterState(layout, id)) !== undefined;
  for (const { logFile } of state.components.filter((each) => component === undefined || each.name === component)) {
    const file = isRunning ? logFile : path.join(failedDirectory(layout, id), "logs", path.basename(logFile));
    print(`==> ${file} <==`);
    print(lastLines(await readFile(file, "utf8").catch(() => "(nothing)"), lines));
  }
};
