import type { Command } from "commander";
import { addServeOptions } from "../program/configuration-options.ts";
import { examples } from "../program/noun.ts";
import { type ConfigurationOptions, toConfigurationSource } from "../session/configuration-source.ts";

/** `airfleet serve`: the server itself, which answers signals in its own way. */
export const addServeCommand = (program: Command): void => {
  const command = program
    .command("serve")
    .description("Run the server in the foreground; reads airfleet.yaml and config/clients.json of this directory")
    .addHelpText(
      "after",
      examples(
        "serve",
        "serve --port 8080 --data-dir /var/lib/airfleet",
        "serve --config fleet.yaml --auth token --host 0.0.0.0",
      ),
    )
    .action(async function (this: Command) {
      const { serve } = await import("@airfleet/server");
      process.exitCode = await serve({
        source: toConfigurationSource(this.opts<ConfigurationOptions>()),
        say: (text) => void process.stdout.write(text.endsWith("\n") ? text : `${text}\n`),
      });
    });
  addServeOptions(command);
};
