import { AirfleetError, type ErrorFinding } from "@airfleet/model";
import path from "node:path";
import { type AirfleetFileOutcome, readAirfleetFile } from "./airfleet-file.ts";
import { readClientsFile } from "./clients-file.ts";
import { configurationInvalid } from "./configuration-invalid.ts";
import type { ConfiguredInstance } from "./configured-instance.ts";
import { legacyInstance } from "./legacy-instance.ts";
import { type ConfigurationFlags, collectOverrides, type Environment } from "./overrides.ts";
import { readConfigurationFile } from "./read-file.ts";
import { secretFiles } from "./resolve-secrets.ts";
import { mergeSettings } from "./merge-settings.ts";
import type { Settings } from "./settings.ts";

export interface ConfigurationSource {
  /** Directory that `airfleet.yaml` and `config/clients.json` are looked for in. */
  readonly cwd: string;
  readonly env: Environment;
  readonly flags: ConfigurationFlags;
}

/** All that was configured, outside the store. */
export interface LoadedConfiguration {
  readonly settings: Settings;
  readonly instances: readonly ConfiguredInstance[];
  /** Sentences for the log; none of them stops the start. */
  readonly warnings: readonly string[];
  /** Where each setting comes from, by dotted key: a flag, a variable, `file:line:column`, or `default`. */
  readonly origins: Readonly<Record<string, string>>;
  /** Absolute paths whose change changes this: the two files, also while absent, and files that hold secrets. */
  readonly files: readonly string[];
}

const refuseClashes = (instances: readonly ConfiguredInstance[]): void => {
  const places = new Map<string, string>();
  for (const { config, place } of instances) {
    const first = places.get(config.id.toLowerCase());
    if (first !== undefined) {
      throw new AirfleetError("CONFIG_SOURCES_CLASH", { instance: config.id, first, second: place });
    }
    places.set(config.id.toLowerCase(), place);
  }
};

const orElse = (flag: string | undefined, variable: string | undefined): string | undefined =>
  flag ?? (variable === "" ? undefined : variable);

/**
 * Reads flags, environment, `airfleet.yaml` and `config/clients.json`, the former winning over the latter. Secrets stay
 * references: see `resolveSecrets`.
 *
 * @throws {AirfleetError} CONFIG_FILE_INVALID with every mistake of every file, CONFIG_FILE_UNREADABLE,
 *   CONFIG_SOURCES_CLASH when two sources define one id.
 */
export const loadConfiguration = ({ cwd, env, flags }: ConfigurationSource): LoadedConfiguration => {
  const askedConfig = orElse(flags.config, env.AIRFLEET_CONFIG);
  const askedClients = orElse(flags.clientsFile, env.AIRFLEET_CLIENTS_FILE);
  const configFile = askedConfig ?? "airfleet.yaml";
  const clientsFile = askedClients ?? path.join("config", "clients.json");
  const config = readConfigurationFile(cwd, configFile, askedConfig !== undefined);
  const clients = readConfigurationFile(cwd, clientsFile, askedClients !== undefined);

  const nothing: AirfleetFileOutcome = { instances: [], findings: [], warnings: [], settings: {}, document: undefined };
  const fromConfig = config === undefined ? nothing : readAirfleetFile(config);
  const fromClients = clients === undefined ? nothing : readClientsFile(clients);
  const { overrides, findings: strange } = collectOverrides(cwd, env, flags);
  const merged = mergeSettings({ cwd, file: fromConfig, overrides });
  const findings: readonly ErrorFinding[] = [
    ...fromConfig.findings,
    ...fromClients.findings,
    ...strange,
    ...merged.findings,
  ];
  if (findings.length > 0) {
    const outside = strange.length + merged.findings.length > 0 ? ["The environment or command line"] : [];
    const wrong = [
      ...(fromConfig.findings.length > 0 && config !== undefined ? [config.name] : []),
      ...(fromClients.findings.length > 0 && clients !== undefined ? [clients.name] : []),
    ];
    throw configurationInvalid([...wrong, ...outside], findings);
  }
  const fromFiles = [...fromConfig.instances, ...fromClients.instances];
  refuseClashes(fromFiles);
  const legacy = fromFiles.length === 0 ? legacyInstance(env) : undefined;
  const instances = legacy === undefined ? fromFiles : [legacy];
  return {
    settings: merged.settings,
    instances,
    warnings: [...fromConfig.warnings, ...fromClients.warnings],
    origins: merged.origins,
    files: [
      ...new Set([
        path.resolve(cwd, configFile),
        path.resolve(cwd, clientsFile),
        ...instances.flatMap(({ config: instance }) => secretFiles(instance)),
      ]),
    ],
  };
};
