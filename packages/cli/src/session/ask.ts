import { EXIT } from "../failure/exit-codes.ts";

/** Asks on stderr, so that stdout stays data. Ctrl-C at a question is an answer: stop. */
export const ask = async (question: string): Promise<string> => {
  const { createInterface } = await import("node:readline/promises");
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  reader.once("SIGINT", () => process.exit(EXIT.interrupted));
  try {
    return (await reader.question(question)).trim();
  } finally {
    reader.close();
  }
};
