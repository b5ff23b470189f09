import { type Command, Option } from "commander";

/** Declares the options of commands that read the configuration themselves. */
export const addConfigurationOptions = (command: Command): Command =>
  command
    .option("--config <file>", "configuration file (env: AIRFLEET_CONFIG; default: airfleet.yaml)")
    .option(
      "--clients-file <file>",
      "the first seed's client list (env: AIRFLEET_CLIENTS_FILE; default: config/clients.json)",
    )
    .option("--data-dir <dir>", "data directory (env: AIRFLEET_STORE__DATA_DIR; default: .airfleet)");

/** The same and how to listen. */
export const addServeOptions = (command: Command): Command =>
  addConfigurationOptions(command)
    .option("--host <address>", "address to listen on (env: AIRFLEET_SERVER__HOST; default: 127.0.0.1)")
    .option("--port <n>", "port to listen on, 0 for a free one (env: PORT; default: 3000)")
    .addOption(
      new Option("--auth <mode>", "who may come in (env: AIRFLEET_SERVER__AUTH__MODE; default: local)").choices([
        "local",
        "token",
      ]),
    )
    .option("--log-level <level>", "least severe message that is logged (env: LOG_LEVEL; default: info)");
