import { createProgram, EXIT, EXIT_MEANINGS, isShown } from "@airfleet/cli";
import type { Command } from "commander";

/** Help as a terminal of 100 columns shows it, without colours. */
const helpOf = (command: Command): string => {
  let text = "";
  command.configureOutput({
    writeOut: (chunk) => (text += chunk),
    getOutHelpWidth: () => 100,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text.trimEnd();
};

/** The options that all commands have are shown once, with the program's own help. */
const withoutGlobalOptions = (help: string): string => help.replace(/\nGlobal Options:\n(?: .*\n)+/, "");

const pathOf = (command: Command): string =>
  command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;

const leavesOf = (command: Command): readonly Command[] => {
  const inner = command.commands.filter(isShown);
  return inner.length === 0 ? [command] : inner.flatMap(leavesOf);
};

const section = (command: Command): string =>
  `## ${pathOf(command)}\n\n\`\`\`text\n${withoutGlobalOptions(helpOf(command))}\n\`\`\`\n`;

/** `docs/reference/cli.md`: every command as its own help describes it. */
export const renderCliPage = async (): Promise<string> => {
  const program = await createProgram();
  const exits = Object.entries(EXIT).map(([name, code]) => `| ${code} | ${EXIT_MEANINGS[name as keyof typeof EXIT]} |`);
  return [
    "# Command line\n",
    "Generated from the commands' own help; change it there.\n",
    `\`\`\`text\n${helpOf(program)}\n\`\`\`\n`,
    `## Exit codes\n\n| code | meaning |\n| --- | --- |\n${exits.join("\n")}\n`,
    ...leavesOf(program).map(section),
  ].join("\n");
};
