import type { Command } from "commander";

/** Lines that are shown under a command's options. */
export const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ airfleet ${line}`).join("\n")}`;

/** A command that only groups others: without a verb it shows what there is and fails. */
export const addNoun = (program: Command, name: string, description: string): Command =>
  program.command(name).description(description);
