import { cacheLayout } from "./cache/layout.ts";
import { type Command, parseArguments } from "./command-line/arguments.ts";
import { HELP } from "./command-line/help.ts";
import { clean, down, install, logs, status } from "./command-line/manage.ts";
import { up } from "./command-line/up.ts";
import { isEngineToolError } from "./errors.ts";

const began = Date.now();
const progress = (line: string): void => {
  process.stderr.write(`[${((Date.now() - began) / 1000).toFixed(1).padStart(5)} s] ${line}\n`);
};

const perform = (command: Command): Promise<void> => {
  const layout = cacheLayout();
  switch (command.verb) {
    case "up":
      return up(layout, command, progress);
    case "down":
      return down(layout, command, progress);
    case "status":
      return status(layout, command);
    case "install":
      return install(layout, command, progress);
    case "clean":
      return clean(layout, command, progress);
    case "logs":
      return logs(layout, command);
    case "help":
      process.stdout.write(HELP);
      return Promise.resolve();
    default:
      return command satisfies never;
  }
};

try {
  await perform(parseArguments(process.argv.slice(2)));
} catch (error) {
  if (!isEngineToolError(error)) throw error;
  process.stderr.write(`${error.code}: ${error.message}\n`);
  process.exitCode = error.code === "USAGE" ? 2 : 1;
}
