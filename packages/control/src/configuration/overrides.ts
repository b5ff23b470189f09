import path from "node:path";
import { type ErrorFinding, suggestOrList } from "@airfleet/model";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Flags of the command line, already split into names and texts. Absent ones are undefined. */
export interface ConfigurationFlags {
  readonly config?: string | undefined;
  readonly clientsFile?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: string | number | undefined;
  readonly dataDir?: string | undefined;
  readonly databaseUrl?: string | undefined;
  readonly authMode?: string | undefined;
  readonly logLevel?: string | undefined;
}

/** One value that stands above the file. */
export interface Override {
  /** Dotted, as in `server.port`. */
  readonly key: string;
  readonly value: unknown;
  /** `--port` or the variable's name. */
  readonly source: string;
}

const FLAGS = {
  host: { key: "server.host", flag: "--host" },
  port: { key: "server.port", flag: "--port" },
  dataDir: { key: "store.data_dir", flag: "--data-dir" },
  databaseUrl: { key: "store.url", flag: "--database-url" },
  authMode: { key: "server.auth.mode", flag: "--auth" },
  logLevel: { key: "server.log_level", flag: "--log-level" },
} as const;

const KEYS = [
  "server.host",
  "server.port",
  "server.hosts",
  "server.auth.mode",
  "server.log_level",
  "store.url",
  "store.data_dir",
  "poll.enabled",
  "poll.sweep_seconds",
  "poll.history_days",
  "poll.history_runs",
  "logs.archive",
  "logs.max_try_mb",
  "logs.max_total_mb",
  "network.allow",
  "experimental.default_instance",
] as const;

/** Names that other software sets as well; ours, with the prefix, wins over them. */
const STANDARD = { PORT: "server.port", DATABASE_URL: "store.url", LOG_LEVEL: "server.log_level" } as const;

const toVariable = (key: string): string => `AIRFLEET_${key.toUpperCase().replaceAll(".", "__")}`;

const NUMBERS: ReadonlySet<string> = new Set([
  "server.port",
  "poll.sweep_seconds",
  "poll.history_days",
  "poll.history_runs",
  "logs.max_try_mb",
  "logs.max_total_mb",
]);

/** Texts become what the schema wants; what is no number stays text, and the schema says so. */
const coerce = (key: string, text: string, cwd: string): unknown => {
  if (NUMBERS.has(key)) return /^\d+$/.test(text) ? Number(text) : text;
  if (key === "poll.enabled")
    return text === "true" || text === "1" ? true : text === "false" || text === "0" ? false : text;
  if (key === "server.hosts" || key === "network.allow")
    return text
      .split(",")
      .map((host) => host.trim())
      .filter((host) => host !== "");
  if (key === "server.log_level") return text.toLowerCase();
  if (key === "store.data_dir") return path.resolve(cwd, text);
  return text;
};

/** Every value from flags and the environment, strongest last, and the variables of ours that mean nothing. */
export const collectOverrides = (
  cwd: string,
  env: Environment,
  flags: ConfigurationFlags,
): { readonly overrides: readonly Override[]; readonly findings: readonly ErrorFinding[] } => {
  const overrides: Override[] = [];
  const add = (key: string, text: string | number | undefined, source: string): void => {
    // An empty variable is how shells and compose files say "not set".
    if (text === undefined || text === "") return;
    overrides.push({ key, value: coerce(key, String(text), cwd), source });
  };
  for (const [name, key] of Object.entries(STANDARD)) add(key, env[name], name);
  for (const key of KEYS) add(key, env[toVariable(key)], toVariable(key));
  const urlFile = "AIRFLEET_STORE__URL_FILE";
  const file = env[urlFile];
  if (file !== undefined && file !== "") {
    overrides.push({ key: "store.url", value: { file: path.resolve(cwd, file) }, source: urlFile });
  }
  for (const [name, { key, flag }] of Object.entries(FLAGS)) add(key, flags[name as keyof typeof FLAGS], flag);
  const known = [...KEYS.map(toVariable), urlFile];
  const findings = Object.keys(env)
    .filter((name) => /^AIRFLEET_(SERVER|STORE|POLL|NETWORK|EXPERIMENTAL)__/.test(name) && !known.includes(name))
    .map((name) => ({ pointer: name, message: `this variable sets nothing: ${suggestOrList(name, known)}` }));
  return { overrides, findings };
};
