import { type FileHandle, open } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { LogLine } from "@airfleet/model";
import type { StoredLine } from "./try-log.ts";

/** How soon new lines are looked for. */
const LOOK_MS = 80;
const CHUNK_BYTES = 65_536;

const toLine = (text: string): LogLine | null => {
  try {
    const { at, level, by, text: said } = JSON.parse(text) as StoredLine;
    return { at: new Date(at).toISOString(), level, source: by ?? null, text: said };
  } catch {
    // The last line of a process that was killed may be cut.
    return null;
  }
};

interface Reading {
  readonly file: string;
  /** Asked after the end of the file was reached: whether somebody may still write. */
  readonly isOpen: () => boolean;
  readonly follow: boolean;
  /** Throws when the reader's time is over. */
  readonly check: () => void;
}

const openIfThere = (file: string): Promise<FileHandle | undefined> =>
  open(file, "r").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });

/** The lines of a log file; with `follow` until its writer is done. Yields nothing when there is no file. */
export async function* readLogFile({ file, isOpen, follow, check }: Reading): AsyncGenerator<LogLine> {
  let position = 0;
  let rest = "";
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(CHUNK_BYTES);
  async function* linesOf(handle: FileHandle): AsyncGenerator<LogLine> {
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES, position);
      if (bytesRead === 0) return;
      position += bytesRead;
      const lines = (rest + decoder.decode(buffer.subarray(0, bytesRead), { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const text of lines) {
        check();
        const line = toLine(text);
        if (line !== null) yield line;
      }
    }
  }
  for (;;) {
    check();
    // Asked before reading: what was written until then is read below.
    const mayGrow = follow && isOpen();
    await using handle = await openIfThere(file);
    if (handle !== undefined) yield* linesOf(handle);
    if (!mayGrow) return;
    await delay(LOOK_MS);
  }
}
