import { Command } from "commander";
import { addGlobalOptions } from "../session/global-options.ts";
import { COMMAND_GROUPS } from "./command-groups.ts";
import { examples } from "./noun.ts";
import { readVersion } from "./version.ts";

/**
 * The command line. Usage errors are thrown as commander's own error, with nothing ended.
 *
 * @param only First word of the one command that is wanted; every command when absent.
 */
export const createProgram = async (only?: string): Promise<Command> => {
  const program = new Command("airfleet")
    .description("One control plane for fleets of Apache Airflow 2 and 3")
    .version(readVersion(), "--version", "print the version")
    .helpOption("-h, --help", "show help")
    .helpCommand("help [command]", "show help of a command")
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .addHelpText(
      "after",
      `${examples(
        "serve",
        "status",
        "dags list --state failed",
        `trigger orders_daily --clients eu-1,us-1 --conf '{"day": "2026-11-20"}'`,
        "pause orders_daily --dry-run",
      )}\n\nExit codes: 0 done, 1 failed, 2 usage, 3 not found, 4 not allowed, 5 conflict, 6 timeout, 7 unavailable, 8 partly done, 75 try later.`,
    );
  addGlobalOptions(program);
  for (const { heading, commands } of COMMAND_GROUPS) {
    program.commandsGroup(heading);
    const loaders = new Set(
      Object.entries(commands).flatMap(([word, load]) => (only === undefined || word === only ? [load] : [])),
    );
    for (const load of loaders) (await load())(program);
  }
  return program;
};
