import type { Command } from "commander";

/** Options of commands that read the configuration or open the store themselves. */
export interface StoreOptions {
  readonly config?: string;
  readonly dataDir?: string;
}

export const addStoreOptions = (command: Command): Command =>
  command
    .option("--config <file>", "configuration file (env: AIRFLEET_CONFIG; default: airfleet.yaml)")
    .option("--data-dir <dir>", "data directory (env: AIRFLEET_DATA_DIR)");
