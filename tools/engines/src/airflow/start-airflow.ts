import { mkdir, rm, writeFile } from "node:fs/promises";
import { type CacheLayout, cacheLayout } from "../cache/layout.ts";
import { ensureInstalled } from "../install/install.ts";
import { ensurePostgres } from "../postgres/ensure-postgres.ts";
import { type Progress, silentProgress } from "../progress.ts";
import {
  type Generation,
  type InstanceState,
  instanceDirectory,
  readInstanceState,
  takeInstanceId,
  writeInstanceState,
} from "../state/instance-state.ts";
import { FIXTURE_DAGS, fillDagsFolder } from "./dags-folder.ts";
import { type DescribeInstance, describeInstance, instancePaths } from "./describe-instance.ts";
import { launch } from "./launch.ts";
import { generatePassword, setAdminPassword } from "./password.ts";
import { ADMIN, PROFILES } from "./profile.ts";
import { type RunningAirflow, toRunningAirflow } from "./running-airflow.ts";
import { stopAirflow } from "./stop-airflow.ts";
import { sweepLostEngines } from "./sweep.ts";
import { copyTemplate, ensureTemplateDatabase } from "./template-database.ts";

export interface StartAirflow {
  readonly generation: Generation;
  /** Default: the first free one of `af2-1`, `af2-2` … or `af3-1` … */
  readonly id?: string | undefined;
  /** Password of the user `admin`. Default: a random one. */
  readonly password?: string | undefined;
  /** Directory whose files are copied into the engine's DAG folder. Default: the fixture DAGs. */
  readonly dags?: string | undefined;
  /** Keep Airflow's shipped scan intervals (minutes) instead of seconds. Default false. */
  readonly defaultIntervals?: boolean | undefined;
  /** More variables for its processes, which win over ours; settings of Airflow's are named `AIRFLOW__SECTION__KEY`. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** Directories whose packages its processes can import besides those installed, plugins included. */
  readonly pythonPath?: readonly string[] | undefined;
  /** Let it run on when this process ends. Default false: a later start removes what a crash of this process left. */
  readonly detached?: boolean | undefined;
  readonly progress?: Progress;
  readonly layout?: CacheLayout;
}

/** Takes an id and records the engine under it, so that from here on whatever it gets can be found and removed. */
const reserve = async (wanted: string | undefined, request: Omit<DescribeInstance, "id">): Promise<InstanceState> => {
  const { layout, generation } = request;
  const id = await takeInstanceId(layout, generation, wanted);
  try {
    const state = await describeInstance({ ...request, id });
    await writeInstanceState(layout, state);
    return state;
  } catch (error) {
    await rm(instanceDirectory(layout, id), { recursive: true, force: true });
    throw error;
  }
};

const equip = async (layout: CacheLayout, state: InstanceState, template: string, dags: string): Promise<void> => {
  const paths = instancePaths(layout, state.id);
  for (const directory of [paths.home, paths.logs]) await mkdir(directory);
  await fillDagsFolder(dags, paths.dags);
  await copyTemplate(layout, state.maintenanceUrl, template, state.databaseName);
  if (state.generation === 2) await setAdminPassword(state.databaseUrl, state.password);
  else await writeFile(paths.passwords, JSON.stringify({ [ADMIN]: state.password }), { mode: 0o600 });
};

/**
 * Starts a real Airflow on free ports with a database and a DAG folder of its own, and waits until it has read its DAGs.
 * What is missing (Python packages, PostgreSQL, tables) is installed and made first, once.
 * @throws an `EngineToolError` after removing everything but the logs
 */
export const startAirflow = async (request: StartAirflow): Promise<RunningAirflow> => {
  const { generation, layout = cacheLayout(), progress = silentProgress } = request;
  await sweepLostEngines(layout, progress);
  const installed = await ensureInstalled(layout, PROFILES[generation].lockFile, progress);
  // This process keeps a server of our own alive until the engine's processes do.
  await using postgres = await ensurePostgres({ layout, progress });
  const maintenanceUrl = postgres.url;
  const template = await ensureTemplateDatabase({ layout, generation, installed, maintenanceUrl, progress });
  const reserved = await reserve(request.id, {
    layout,
    generation,
    password: request.password ?? generatePassword(),
    defaultIntervals: request.defaultIntervals ?? false,
    maintenanceUrl,
    program: installed.executable("airflow"),
    extra: request.environment,
    pythonPath: request.pythonPath,
  });
  const began = Date.now();
  progress(`starting ${reserved.id}: Airflow ${reserved.version} at ${reserved.url}`);
  try {
    await equip(layout, reserved, template, request.dags ?? FIXTURE_DAGS);
    const launched = await launch(layout, reserved, progress);
    const state: InstanceState = {
      ...launched,
      status: "ready",
      owner: request.detached === true ? null : launched.owner,
    };
    await writeInstanceState(layout, state);
    progress(`${state.id} is ready after ${((Date.now() - began) / 1000).toFixed(1)} s`);
    return toRunningAirflow(layout, state, true);
  } catch (error) {
    // Read again: the file names the processes that were started meanwhile.
    await stopAirflow(layout, (await readInstanceState(layout, reserved.id)) ?? reserved, { keepLogs: true });
    throw error;
  }
};
