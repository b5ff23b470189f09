import type { ConfigurationSource } from "@airfleet/server/local";

/** Options that say which configuration is meant, on commands that read it themselves. */
export interface ConfigurationOptions {
  readonly config?: string;
  readonly clientsFile?: string;
  readonly host?: string;
  readonly port?: string;
  readonly dataDir?: string;
  readonly auth?: string;
  readonly logLevel?: string;
}

/** The configuration of this directory under these options. */
export const toConfigurationSource = (options: ConfigurationOptions): ConfigurationSource => ({
  cwd: process.cwd(),
  env: process.env,
  flags: {
    config: options.config,
    clientsFile: options.clientsFile,
    host: options.host,
    port: options.port,
    dataDir: options.dataDir,
    authMode: options.auth,
    logLevel: options.logLevel,
  },
});
