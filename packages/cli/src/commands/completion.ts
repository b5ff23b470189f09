import type { Command } from "commander";
import { findCandidates } from "../completion/candidates.ts";
import { COMPLETION_SCRIPTS, SHELLS } from "../completion/scripts.ts";
import { usageFailure } from "../failure/cli-failure.ts";
import { toPlainLine } from "../output/plain-text.ts";
import { suggest } from "../fleet/suggest.ts";
import { examples } from "../program/noun.ts";
import type { GlobalOptions } from "../session/global-options.ts";
import { openSession } from "../session/session.ts";

/** Who presses Tab does not wait longer than this. */
const PATIENCE_MS = 700;
const MOST_DAGS = 100;

/** Ids from the server; none when it does not answer in time, since a completion must never fail loudly. */
const readIds = async (
  kind: "instances" | "dags",
  current: string,
  options: GlobalOptions,
): Promise<readonly string[]> => {
  try {
    const { client } = openSession(options);
    const call = { timeoutMs: PATIENCE_MS };
    if (kind === "instances") return (await client.listInstances({}, call)).items.map(({ id }) => id);
    const text = current.trim().slice(0, 200);
    const query = { limit: MOST_DAGS, ...(text !== "" && { text }) };
    return (await client.listDags({ query }, call)).items.map((row) => row.dag_id);
  } catch {
    return [];
  }
};

const complete = async (
  program: Command,
  words: readonly string[],
  options: GlobalOptions,
): Promise<readonly string[]> => {
  const current = (words.at(-1) ?? "").replace(/^""$/, "");
  const candidates = findCandidates(program, words.slice(0, -1), current);
  switch (candidates.kind) {
    case "files":
      return [":files"];
    case "words":
      return candidates.words
        .filter(([word]) => word.startsWith(current))
        .map(([word, description]) => (description === "" ? word : `${word}\t${description}`));
    case "instances":
    case "dags": {
      // In \`--clients a,b\` only the last id is being typed.
      const start = candidates.kind === "instances" ? current.slice(0, current.lastIndexOf(",") + 1) : "";
      const ids = await readIds(candidates.kind, current.slice(start.length), options);
      return ids.map((id) => start + toPlainLine(id)).filter((word) => word.startsWith(current));
    }
    default:
      return candidates satisfies never;
  }
};

/** `airfleet completion …`, and what the scripts call */
export const addCompletionCommands = (program: Command): void => {
  program
    .command("completion <shell>")
    .description("Print the completion script of a shell: bash, zsh, fish or powershell")
    .addHelpText("after", examples("completion bash > /etc/bash_completion.d/airfleet", "completion fish | source"))
    .action((given: string) => {
      const shell = SHELLS.find((known) => known === given);
      if (shell === undefined) {
        const near = suggest(given, SHELLS);
        throw usageFailure(
          `There is no completion for "${given}".`,
          near === undefined ? `Possible: ${SHELLS.join(", ")}.` : `Did you mean ${near}?`,
        );
      }
      process.stdout.write(COMPLETION_SCRIPTS[shell]);
    });
  program
    .command("__complete [words...]", { hidden: true })
    .description("Print what may follow these words; the last one is being typed")
    .action(async function (this: Command, words: readonly string[]) {
      const lines = await complete(program, words, this.optsWithGlobals<GlobalOptions>());
      process.stdout.write(lines.map((line) => `${line}\n`).join(""));
    });
};
