import { CommanderError } from "commander";
import { describeFailure } from "../failure/describe-failure.ts";
import { EXIT } from "../failure/exit-codes.ts";
import { COMMAND_GROUPS } from "./command-groups.ts";
import { createProgram } from "./create-program.ts";

const report = (error: unknown): number => {
  // Commander has printed its message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const { code, message, hints, exitCode } = describeFailure(error);
  process.stderr.write(`airfleet: ${code}: ${message}\n`);
  for (const hint of hints) process.stderr.write(`  ${hint}\n`);
  if (code === "INTERNAL" && error instanceof Error && process.argv.includes("--verbose")) {
    process.stderr.write(`${error.stack}\n`);
  }
  return exitCode;
};

const WORDS = new Set(COMMAND_GROUPS.flatMap(({ commands }) => Object.keys(commands)));

/** Runs one command line and leaves its result in `process.exitCode`. */
export const runCommand = async (args: readonly string[]): Promise<void> => {
  // Only the named command is loaded. Help of all, a misspelt one, or options in front need every command.
  const [word = ""] = args;
  const program = await createProgram(WORDS.has(word) ? word : undefined);
  if (args.length === 0) {
    program.outputHelp();
    return;
  }
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    process.exitCode = report(error);
  }
};
