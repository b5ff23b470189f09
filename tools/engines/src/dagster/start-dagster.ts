import { randomBytes } from "node:crypto";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { withInherited } from "../airflow/environment.ts";
import { type CacheLayout, cacheLayout, toolDirectory } from "../cache/layout.ts";
import { EngineToolError } from "../errors.ts";
import { type Environment, ensureInstalled } from "../install/install.ts";
import { findFreePorts } from "../process/free-ports.ts";
import { identifySelf, isAlive } from "../process/identity.ts";
import { TOKEN_VARIABLE } from "../process/marked-processes.ts";
import { lastLines, runCommand } from "../process/run-command.ts";
import { type Progress, silentProgress } from "../progress.ts";
import { startDagsterComponent } from "./dagster-components.ts";
import {
  type DagsterState,
  dagsterDirectory,
  judgeDagster,
  listDagsters,
  readDagsterState,
  stopDagster,
  takeDagsterId,
  writeDagsterState,
} from "./dagster-state.ts";
import { type RunningDagster, toRunningDagster } from "./running-dagster.ts";

export interface StartDagster {
  /** Default: the first free one of `dagster-1`, `dagster-2` … */
  readonly id?: string | undefined;
  /** Directory with a `definitions.py`, copied. Default: the test jobs. */
  readonly code?: string | undefined;
  /** Beside it a second code location that cannot be loaded. Default false. */
  readonly brokenLocation?: boolean | undefined;
  /** Let it run on when this process ends. Default false: a later start removes what a crash of this process left. */
  readonly detached?: boolean | undefined;
  readonly progress?: Progress;
  readonly layout?: CacheLayout;
}

export const DAGSTER_VERSION = "1.13.27";
const FIXTURE_JOBS = path.join(toolDirectory, "dagster");
const READY_WITHIN_MS = 240_000;
const LOOK_EVERY_MS = 300;
const HOST = "127.0.0.1";

interface Plan {
  readonly layout: CacheLayout;
  readonly installed: Environment;
  readonly id: string;
  readonly brokenLocation: boolean;
}

/** Decides everything about a new Dagster before any process of it exists. It belongs to this process. */
const describe = async ({ layout, installed, id, brokenLocation }: Plan): Promise<DagsterState> => {
  const directory = dagsterDirectory(layout, id);
  const [home, codeFolder] = [path.join(directory, "home"), path.join(directory, "code")];
  const [web = 0, code = 0, broken = 0] = await findFreePorts(3);
  const token = randomBytes(16).toString("hex");
  const dagster = installed.executable("dagster");
  const component = (name: string, program: string, args: readonly string[]) => ({
    name,
    program,
    args: [...args],
    logFile: path.join(directory, `${name}.log`),
    process: null,
  });
  const workspace = path.join(directory, "workspace.yaml");
  const location = (port: number, name: string): string =>
    `  - grpc_server: {host: ${HOST}, port: ${port}, location_name: ${name}}\n`;
  for (const folder of [home, codeFolder]) await mkdir(folder);
  await writeFile(
    workspace,
    `load_from:\n${location(code, "airfleet")}${brokenLocation ? location(broken, "af_broken.py") : ""}`,
  );
  return {
    format: 1,
    id,
    version: DAGSTER_VERSION,
    status: "starting",
    startedAt: new Date().toISOString(),
    url: `http://${HOST}:${web}`,
    codeFolder,
    home,
    token,
    owner: await identifySelf(),
    environment: {
      DAGSTER_HOME: home,
      PYTHONDONTWRITEBYTECODE: "1",
      // The shipped 60 s fail runs of a loaded machine before they have begun.
      DAGSTER_GRPC_TIMEOUT_SECONDS: "300",
      [TOKEN_VARIABLE]: token,
    },
    components: [
      // A server of its own: with a file in workspace.yaml webserver and daemon would load it each for themselves, the
      // daemon anew every minute.
      component("code-server", dagster, [
        "code-server",
        "start",
        "-f",
        path.join(codeFolder, "definitions.py"),
        "-d",
        codeFolder,
        "-h",
        HOST,
        "-p",
        String(code),
      ]),
      ...(brokenLocation
        ? [
            component("broken-code", dagster, [
              "api",
              "grpc",
              "-f",
              path.join(codeFolder, "af_broken.py"),
              "-d",
              codeFolder,
              "-h",
              HOST,
              "-p",
              String(broken),
              "--lazy-load-user-code",
            ]),
          ]
        : []),
      component("webserver", installed.executable("dagster-webserver"), [
        "-h",
        HOST,
        "-p",
        String(web),
        "-w",
        workspace,
      ]),
      component("daemon", installed.executable("dagster-daemon"), ["run", "-w", workspace]),
    ],
  };
};

const QUESTION =
  "{ workspaceOrError { ... on Workspace { locationEntries { name locationOrLoadError { __typename ... on PythonError { message } } } } } instance { daemonHealth { allDaemonStatuses { daemonType required healthy } } } }";

/** What is still missing; undefined when webserver, code and daemon all answer. */
const findMissing = async (url: string): Promise<string | undefined> => {
  const answer = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: QUESTION }),
  });
  const { data } = (await answer.json()) as {
    data: {
      workspaceOrError: { locationEntries: { name: string; locationOrLoadError: { __typename: string } | null }[] };
      instance: { daemonHealth: { allDaemonStatuses: { daemonType: string; required: boolean; healthy: boolean }[] } };
    };
  };
  const location = data.workspaceOrError.locationEntries.find(({ name }) => name === "airfleet");
  if (location?.locationOrLoadError?.__typename !== "RepositoryLocation") return "its code is not loaded";
  const daemons = data.instance.daemonHealth.allDaemonStatuses.filter(({ required }) => required);
  const silent = daemons.filter(({ healthy }) => !healthy).map(({ daemonType }) => daemonType);
  return daemons.length === 0 || silent.length > 0 ? `no heartbeat of ${silent.join(", ")}` : undefined;
};

const waitUntilReady = async (layout: CacheLayout, state: DagsterState): Promise<void> => {
  let reason = "it does not answer yet";
  const fail = async (code: "ENGINE_DIED" | "ENGINE_NOT_READY", component: string): Promise<EngineToolError> => {
    const file = path.join(dagsterDirectory(layout, state.id), `${component}.log`);
    const tail = lastLines(await readFile(file, "utf8").catch(() => "(nothing)"));
    const logs = path.join(layout.failed, state.id);
    const log = path.join(logs, `${component}.log`);
    const seconds = READY_WITHIN_MS / 1_000;
    return new EngineToolError(code, { id: state.id, component, exit: "an error", log, logs, tail, seconds, reason });
  };
  for (const until = Date.now() + READY_WITHIN_MS; Date.now() < until; await delay(LOOK_EVERY_MS)) {
    for (const { name, process } of state.components) {
      if (process !== null && !(await isAlive(process))) throw await fail("ENGINE_DIED", name);
    }
    const missing = await findMissing(state.url).catch((error: unknown) => String(error));
    if (missing === undefined) return;
    reason = missing;
  }
  throw await fail("ENGINE_NOT_READY", "webserver");
};

/** Stops and removes Dagsters whose owner, or all of whose processes, have ended. */
export const sweepLostDagsters = async (layout: CacheLayout, progress: Progress): Promise<void> => {
  for (const state of await listDagsters(layout)) {
    if ((await judgeDagster(state)) !== "lost") continue;
    progress(`removing what is left of ${state.id}`);
    await stopDagster(layout, state);
  }
};

/**
 * Starts a real Dagster on free ports of loopback: code server, webserver and daemon, with SQLite, and waits until all
 * three answer. What is missing is installed first, once.
 * @throws an `EngineToolError` after removing everything but the logs
 */
export const startDagster = async (request: StartDagster = {}): Promise<RunningDagster> => {
  const { layout = cacheLayout(), progress = silentProgress } = request;
  await sweepLostDagsters(layout, progress);
  const installed = await ensureInstalled(layout, "dagster", progress);
  const id = await takeDagsterId(layout, request.id);
  let state = await describe({ layout, installed, id, brokenLocation: request.brokenLocation ?? false });
  await writeDagsterState(layout, state);
  const began = Date.now();
  progress(`starting ${id}: Dagster ${state.version} at ${state.url}`);
  try {
    await cp(request.code ?? FIXTURE_JOBS, state.codeFolder, { recursive: true });
    await cp(path.join(FIXTURE_JOBS, "dagster.yaml"), path.join(state.home, "dagster.yaml"));
    // On an empty SQLite several processes make the tables at once, and leave them in a state that no run can start from.
    await runCommand({
      command: installed.executable("dagster"),
      args: ["instance", "migrate"],
      environment: withInherited(state.environment),
      directory: state.home,
    });
    for (const { name } of state.components) state = await startDagsterComponent(layout, state, name);
    await waitUntilReady(layout, state);
    state = { ...state, status: "ready", owner: request.detached === true ? null : state.owner };
    await writeDagsterState(layout, state);
    progress(`${id} is ready after ${((Date.now() - began) / 1000).toFixed(1)} s`);
    return toRunningDagster(layout, state, true);
  } catch (error) {
    await stopDagster(layout, (await readDagsterState(layout, id)) ?? state, { keepLogs: true });
    throw error;
  }
};
