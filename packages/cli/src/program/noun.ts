import type { Command } from "commander";

/** Lines that are shown under a command's options. */
export const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ airfleet ${line}`).join("\n")}`;

/** A command that only groups others: without a verb it shows what there is and fails. */
export const addNoun = (program: Command, name: string, description: string): Command =>
  program.command(name).description(description);

/** The words of a command, without the program's own name. */
export const pathOf = (command: Command): string =>
  command.parent === null ? "" : `${pathOf(command.parent)} ${command.name()}`.trim();

/** Whether help, completion and the reference show it: words of earlier versions and our own machinery they do not. */
export const isShown = (command: Command): boolean =>
  command.name() !== "help" &&
  (command.parent === null || command.parent.createHelp().visibleCommands(command.parent).includes(command));
