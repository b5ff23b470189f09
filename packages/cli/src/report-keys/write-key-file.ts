import { writeFileSync } from "node:fs";
import path from "node:path";
import { CliFailure } from "../failure/cli-failure.ts";
import { EXIT } from "../failure/exit-codes.ts";

/**
 * Writes a private key to a new file that nobody but its owner may read.
 *
 * @returns Its absolute path.
 * @throws {CliFailure} FILE_EXISTS: a key that is overwritten is lost
 */
export const writeKeyFile = (file: string, text: string): string => {
  const target = path.resolve(file);
  try {
    writeFileSync(target, text.endsWith("\n") ? text : `${text}\n`, { mode: 0o600, flag: "wx" });
    return target;
  } catch (error) {
    const isThere = error instanceof Error && "code" in error && error.code === "EEXIST";
    throw new CliFailure({
      code: isThere ? "FILE_EXISTS" : "FILE_UNWRITABLE",
      message: isThere
        ? `${target} exists already, and a key that is overwritten is lost.`
        : `${target} cannot be written: ${error instanceof Error ? error.message : String(error)}.`,
      exitCode: isThere ? EXIT.conflict : EXIT.failure,
      fix: "Name another file.",
    });
  }
};
