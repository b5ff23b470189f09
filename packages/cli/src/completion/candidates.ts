import type { Command, Option } from "commander";
import { isShown } from "../program/noun.ts";

/** What may stand at the cursor. */
export type Candidates =
  | { readonly kind: "words"; readonly words: readonly (readonly [word: string, description: string])[] }
  /** Ids that only the server knows. */
  | { readonly kind: "instances" | "dags" }
  | { readonly kind: "files" };

const optionsOf = (command: Command): readonly Option[] => [
  ...command.options,
  ...(command.parent === null ? [] : optionsOf(command.parent)),
];

const findOption = (command: Command, word: string): Option | undefined =>
  optionsOf(command).find((option) => option.long === word || option.short === word);

const FILE_OPTIONS = new Set(["--config", "--clients-file", "--data-dir", "--password-file"]);

const valuesOf = (option: Option): Candidates => {
  if (option.long === "--clients") return { kind: "instances" };
  if (FILE_OPTIONS.has(option.long ?? "")) return { kind: "files" };
  return { kind: "words", words: (option.argChoices ?? []).map((choice) => [choice, ""] as const) };
};

const argumentsAt = (command: Command, position: number): Candidates => {
  const declared = command.registeredArguments;
  const argument = declared[Math.min(position, declared.length - 1)];
  if (argument?.name() === "dag") return { kind: "dags" };
  if (argument?.name() === "instance") return { kind: "instances" };
  if (argument?.name() === "file") return { kind: "files" };
  return { kind: "words", words: [] };
};

/**
 * What may follow the words of a command line.
 *
 * @param before Words between `airfleet` and the cursor's word.
 * @param current The word at the cursor, as far as it is typed.
 */
export const findCandidates = (program: Command, before: readonly string[], current: string): Candidates => {
  let command = program;
  let position = 0;
  let pending: Option | undefined;
  for (const word of before) {
    if (pending !== undefined) {
      pending = undefined;
    } else if (word.startsWith("-")) {
      const option = findOption(command, word);
      pending = option?.required === true ? option : undefined;
    } else {
      const inner = command.commands.find((each) => each.name() === word);
      if (inner === undefined) position += 1;
      else command = inner;
    }
  }
  if (pending !== undefined) return valuesOf(pending);
  if (current.startsWith("-")) {
    return {
      kind: "words",
      words: optionsOf(command).map(({ long, short, description }) => [long ?? short ?? "", description]),
    };
  }
  if (command.commands.length > 0) {
    return { kind: "words", words: command.commands.filter(isShown).map((each) => [each.name(), each.description()]) };
  }
  return argumentsAt(command, position);
};
