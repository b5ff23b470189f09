import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { AirfleetError } from "@airfleet/model";
import type { dataDirFiles } from "../backend/sqlite/data-dir.ts";
import { parseSecretKey, readOrCreateKeyFile, type SecretKey } from "./secret-key.ts";

type Files = ReturnType<typeof dataDirFiles>;

const readKey = (file: string): SecretKey | undefined =>
  existsSync(file) ? parseSecretKey(readFileSync(file, "utf8"), file) : undefined;

/**
 * The key of a data directory. Made there only for a store that has none yet: a second key beside encrypted data would
 * look right and open nothing.
 *
 * @param expected Id of the key that the store was written with.
 * @throws {AirfleetError} SECRET_KEY_WRONG when the key file was lost.
 */
export const dataDirKey = (files: Files, expected: string | undefined): SecretKey => {
  if (expected === undefined) return parseSecretKey(readOrCreateKeyFile(files.secretKey), files.secretKey);
  const next = readKey(files.nextSecretKey);
  if (next?.id === expected) {
    // A rotation was cut off after the store had been rewritten.
    renameSync(files.nextSecretKey, files.secretKey);
    return next;
  }
  rmSync(files.nextSecretKey, { force: true });
  const key = readKey(files.secretKey);
  if (key !== undefined) return key;
  throw new AirfleetError("SECRET_KEY_WRONG", { given: `none: ${files.secretKey} is missing`, expected });
};

/** Replaces the key file around `rewrite`, so that whichever key the store has afterwards, a crash leaves it on the disk. */
export const replaceDataDirKey = async (files: Files, newKey: string, rewrite: () => Promise<void>): Promise<void> => {
  writeFileSync(files.nextSecretKey, `${newKey.trim()}\n`, { mode: 0o600, flush: true });
  await rewrite();
  renameSync(files.nextSecretKey, files.secretKey);
};
