import { type Command, Option } from "commander";
import { OUTPUT_FORMATS, type OutputFormat } from "../output/listing.ts";

/** Options that every command takes. */
export interface GlobalOptions {
  readonly server?: string;
  readonly output?: OutputFormat;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  /** False with --no-color. */
  readonly color: boolean;
  /** False with --no-input. */
  readonly input: boolean;
}

/** Declares them on the program; commander then accepts them before and after the command's name. */
export const addGlobalOptions = (program: Command): void => {
  program
    .addOption(
      new Option("--server <url>", "address of the server (env: AIRFLEET_URL; default: http://127.0.0.1:3000)"),
    )
    .addOption(new Option("-o, --output <format>", "form of the output").choices(OUTPUT_FORMATS))
    .addOption(new Option("--json", "the same as -o json").conflicts("output"))
    .addOption(new Option("-q, --quiet", "no remarks on stderr"))
    .addOption(new Option("-v, --verbose", "show each request on stderr"))
    .addOption(new Option("--no-color", "no colours (env: NO_COLOR)"))
    .addOption(new Option("--no-input", "never ask; fail instead"));
};
