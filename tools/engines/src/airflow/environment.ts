import { randomBytes } from "node:crypto";
import path from "node:path";
import { toSqlAlchemy } from "../postgres/addresses.ts";
import { TOKEN_VARIABLE } from "../process/marked-processes.ts";
import type { Generation } from "../state/instance-state.ts";
import { ADMIN } from "./profile.ts";

type Variables = Readonly<Record<string, string>>;

export interface AirflowEnvironment {
  readonly generation: Generation;
  readonly home: string;
  readonly dagsFolder: string;
  readonly databaseUrl: string;
  readonly token: string;
  readonly defaultIntervals: boolean;
  readonly ports: { readonly api: number; readonly workerLogs: number; readonly triggererLogs: number };
  /** Airflow 3: file with the users' passwords. */
  readonly passwordsFile: string;
  /** Variables of whoever starts it; they win over ours. Settings of Airflow's are named `AIRFLOW__SECTION__KEY`. */
  readonly extra?: Variables | undefined;
  /** Directories whose packages its processes can import besides those installed. */
  readonly pythonPath?: readonly string[] | undefined;
}

/** Fernet keys are 32 bytes in base64 with the URL alphabet and padding. */
const fernetKey = (): string => randomBytes(32).toString("base64").replaceAll("+", "-").replaceAll("/", "_");

/** What both need: isolation from the machine's own Airflow, and no more processes than a small machine bears. */
const sharedVariables = (
  input: Pick<AirflowEnvironment, "home" | "dagsFolder" | "databaseUrl" | "token">,
): Variables => ({
  AIRFLOW_HOME: input.home,
  AIRFLOW__CORE__DAGS_FOLDER: input.dagsFolder,
  AIRFLOW__CORE__LOAD_EXAMPLES: "false",
  AIRFLOW__CORE__EXECUTOR: "LocalExecutor",
  AIRFLOW__CORE__PARALLELISM: "4",
  AIRFLOW__CORE__FERNET_KEY: fernetKey(),
  AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: toSqlAlchemy(input.databaseUrl),
  AIRFLOW__DATABASE__LOAD_DEFAULT_CONNECTIONS: "false",
  AIRFLOW__USAGE_DATA_COLLECTION__ENABLED: "false",
  // For pipelines that are deployed here: rows between tasks, files they may use, hosts they may reach.
  AIRFLEET_RUNS_FOLDER: path.join(input.home, "rows"),
  AIRFLEET_DATA_ROOTS: path.join(input.home, "data"),
  AIRFLEET_NETWORK_ALLOW: "127.0.0.1,localhost",
  [TOKEN_VARIABLE]: input.token,
  // setproctitle would write its title over the environment in memory, which is where the token is looked up.
  SPT_NOENV: "1",
});

/**
 * Changed files are read again at once whatever these say (both sort files by modification time); the intervals bound how
 * soon a new or a removed file is noticed, and how often unchanged files are parsed.
 */
const shortIntervals: Readonly<Record<Generation, Variables>> = {
  2: {
    AIRFLOW__SCHEDULER__DAG_DIR_LIST_INTERVAL: "3",
    AIRFLOW__SCHEDULER__MIN_FILE_PROCESS_INTERVAL: "10",
    AIRFLOW__CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL: "1",
  },
  3: {
    AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL: "3",
    AIRFLOW__DAG_PROCESSOR__BUNDLE_REFRESH_CHECK_INTERVAL: "1",
    AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL: "10",
    AIRFLOW__CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL: "1",
  },
};

const generationVariables: Readonly<Record<Generation, (input: AirflowEnvironment) => Variables>> = {
  2: ({ ports }) => ({
    AIRFLOW__API__AUTH_BACKENDS: "airflow.api.auth.backend.basic_auth",
    AIRFLOW__WEBSERVER__WEB_SERVER_HOST: "127.0.0.1",
    AIRFLOW__WEBSERVER__WEB_SERVER_PORT: String(ports.api),
    AIRFLOW__WEBSERVER__BASE_URL: `http://127.0.0.1:${ports.api}`,
    AIRFLOW__WEBSERVER__WORKERS: "1",
    AIRFLOW__WEBSERVER__SECRET_KEY: randomBytes(32).toString("hex"),
    AIRFLOW__SCHEDULER__PARSING_PROCESSES: "1",
    // The template database has the permissions already; syncing them again costs seconds of every start.
    AIRFLOW__FAB__UPDATE_FAB_PERMS: "false",
    AIRFLOW__METRICS__TIMER_UNIT_CONSISTENCY: "true",
    AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT: String(ports.workerLogs),
  }),
  3: ({ ports, passwordsFile }) => ({
    AIRFLOW__API__HOST: "127.0.0.1",
    AIRFLOW__API__PORT: String(ports.api),
    AIRFLOW__API__BASE_URL: `http://127.0.0.1:${ports.api}`,
    AIRFLOW__API__WORKERS: "1",
    AIRFLOW__API__SECRET_KEY: randomBytes(32).toString("hex"),
    // 64 bytes, since tokens are signed with HS512.
    AIRFLOW__API_AUTH__JWT_SECRET: randomBytes(64).toString("base64"),
    // The shipped five seconds fail tasks of a loaded machine before they have begun.
    AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT: "60",
    AIRFLOW__CORE__EXECUTION_API_SERVER_URL: `http://127.0.0.1:${ports.api}/execution/`,
    AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS: `${ADMIN}:admin`,
    AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE: passwordsFile,
    AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES: "1",
    AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT: String(ports.workerLogs),
    AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT: String(ports.triggererLogs),
  }),
};

/**
 * What only one component gets. LocalExecutor of Airflow 2 forks its workers while the scheduler's pool holds an open
 * connection, and each worker begins by closing what it finds in that pool (`LocalWorkerBase.run`): PostgreSQL is told
 * that the scheduler's own connection ends. A worker that comes to it late, on a loaded machine, does so in the middle
 * of a transaction, and the scheduler dies of it. Without a pool there is nothing for them to find.
 */
export const componentVariables = (generation: Generation, component: string): Variables =>
  generation === 2 && component === "scheduler" ? { AIRFLOW__DATABASE__SQL_ALCHEMY_POOL_ENABLED: "false" } : {};

/** The variables with which the components of one engine run. New secrets each time. */
export const airflowVariables = (input: AirflowEnvironment): Variables => ({
  ...sharedVariables(input),
  ...generationVariables[input.generation](input),
  ...(input.defaultIntervals ? {} : shortIntervals[input.generation]),
  ...(input.pythonPath === undefined ? {} : { PYTHONPATH: input.pythonPath.join(path.delimiter) }),
  ...input.extra,
});

/** The variables with which a template database is filled. */
export const templateVariables = (input: Parameters<typeof sharedVariables>[0]): Variables => sharedVariables(input);

/** Our own environment without what would change an Airflow's settings or imports, and with the given variables. */
export const withInherited = (variables: Variables): NodeJS.ProcessEnv => {
  const foreign = /^(AIRFLOW_|PYTHON|VIRTUAL_ENV|DATABASE_URL$|AIRFLEET_)/;
  const inherited = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return { ...Object.fromEntries(inherited), PYTHONUNBUFFERED: "1", ...variables };
};
