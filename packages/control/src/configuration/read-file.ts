import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { AirfleetError } from "@airfleet/model";

/** A configuration of a thousand instances is some 300 kB; what is larger is another file by mistake. */
const MAX_BYTES = 4 * 1_024 * 1_024;

/** A file's text and who may read it. */
export interface ReadFile {
  /** Absolute. */
  readonly path: string;
  /** As people call it. */
  readonly name: string;
  readonly text: string;
  /** Other users of this machine may read it. */
  readonly isOpen: boolean;
}

/** Relative to the working directory where the file lies below it, else absolute. */
export const displayName = (cwd: string, absolute: string): string => {
  const relative = path.relative(cwd, absolute);
  return relative.startsWith("..") || path.isAbsolute(relative) ? absolute : relative;
};

const reasonOf = (error: unknown): string => {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOENT") return "there is no such file";
  if (code === "EACCES") return "this user may not read it";
  if (code === "EISDIR") return "it is a directory";
  return code === "ERR_ENCODING_INVALID_ENCODED_DATA" ? "it is not UTF-8 text" : code;
};

/**
 * Reads a text file.
 *
 * @returns undefined when it does not exist and nobody asked for it by name.
 * @throws {AirfleetError} CONFIG_FILE_UNREADABLE
 */
export const readConfigurationFile = (cwd: string, file: string, isAskedFor: boolean): ReadFile | undefined => {
  const absolute = path.resolve(cwd, file);
  const name = displayName(cwd, absolute);
  try {
    const { size, mode } = statSync(absolute);
    if (size > MAX_BYTES) {
      throw new AirfleetError("CONFIG_FILE_UNREADABLE", { file: name, reason: `it is larger than ${MAX_BYTES} bytes` });
    }
    const text = new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(absolute));
    return { path: absolute, name, text, isOpen: process.platform !== "win32" && (mode & 0o004) !== 0 };
  } catch (error) {
    if (error instanceof AirfleetError) throw error;
    const isAbsent = error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
    if (isAbsent && !isAskedFor) return undefined;
    throw new AirfleetError("CONFIG_FILE_UNREADABLE", { file: name, reason: reasonOf(error) }, { cause: error });
  }
};
