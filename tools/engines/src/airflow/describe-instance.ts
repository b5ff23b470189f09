import { randomBytes } from "node:crypto";
import path from "node:path";
import type { CacheLayout } from "../cache/layout.ts";
import { withDatabase } from "../postgres/addresses.ts";
import { findFreePorts } from "../process/free-ports.ts";
import { identifySelf } from "../process/identity.ts";
import { type Generation, type InstanceState, instanceDirectory } from "../state/instance-state.ts";
import { airflowVariables } from "./environment.ts";
import { ADMIN, PROFILES } from "./profile.ts";
import { databasePrefix } from "./template-database.ts";

export interface DescribeInstance {
  readonly layout: CacheLayout;
  readonly id: string;
  readonly generation: Generation;
  readonly password: string;
  readonly defaultIntervals: boolean;
  readonly maintenanceUrl: string;
  /** The `airflow` program. */
  readonly program: string;
  readonly extra?: Readonly<Record<string, string>> | undefined;
  readonly pythonPath?: readonly string[] | undefined;
}

/** Files and folders of one engine below its directory. */
export const instancePaths = (layout: CacheLayout, id: string) => {
  const directory = instanceDirectory(layout, id);
  return {
    directory,
    home: path.join(directory, "home"),
    dags: path.join(directory, "dags"),
    logs: path.join(directory, "logs"),
    /** Users' passwords of Airflow 3. */
    passwords: path.join(directory, "passwords.json"),
    log: (component: string): string => path.join(directory, "logs", `${component}.log`),
  };
};

/** Decides everything about a new engine (ports, secrets, names) before anything of it exists. It belongs to this process. */
export const describeInstance = async (request: DescribeInstance): Promise<InstanceState> => {
  const { layout, id, generation, password, defaultIntervals, maintenanceUrl, program } = request;
  const paths = instancePaths(layout, id);
  const profile = PROFILES[generation];
  const databaseName = `${databasePrefix(layout)}${id.replaceAll("-", "_")}_${randomBytes(3).toString("hex")}`;
  const databaseUrl = withDatabase(maintenanceUrl, databaseName);
  const [api = 0, workerLogs = 0, triggererLogs = 0] = await findFreePorts(3);
  const token = randomBytes(16).toString("hex");
  const environment = airflowVariables({
    generation,
    home: paths.home,
    dagsFolder: paths.dags,
    passwordsFile: paths.passwords,
    databaseUrl,
    token,
    defaultIntervals,
    ports: { api, workerLogs, triggererLogs },
    extra: request.extra,
    pythonPath: request.pythonPath,
  });
  return {
    format: 1,
    id,
    generation,
    version: profile.version,
    status: "starting",
    startedAt: new Date().toISOString(),
    url: `http://127.0.0.1:${api}`,
    username: ADMIN,
    password,
    dagsFolder: paths.dags,
    defaultIntervals,
    databaseUrl,
    maintenanceUrl,
    databaseName,
    token,
    owner: await identifySelf(),
    program,
    environment,
    components: profile.components.map(({ name, args }) => ({
      name,
      args: [...args],
      logFile: paths.log(name),
      process: null,
    })),
  };
};
