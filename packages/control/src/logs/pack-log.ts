import { promisify } from "node:util";
import { zstdCompress, zstdDecompress } from "node:zlib";
import type { LogLine } from "@airfleet/model";
import type { LogChunk } from "@airfleet/store";

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** Text of one chunk before it is compressed: enough for zstd to find what repeats, little enough to hold many. */
const CHUNK_BYTES = 262_144;
/** What the beginning gets of a log that is too long; the end, where it says why it failed, gets the rest. */
const HEAD_SHARE = 0.25;

/** A log cut and compressed. */
export interface PackedLog {
  readonly chunks: readonly LogChunk[];
  /** Of the kept lines, before they were compressed. */
  readonly sizeBytes: number;
  readonly omittedLines: number;
}

type SizedChunk = LogChunk & { readonly sizeBytes: number };

const sumOf = (chunks: readonly SizedChunk[]): number => chunks.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);

/** Keeps the first chunks and the last ones within a size, whatever passes between. */
const createKeeper = (maxBytes: number) => {
  const head: SizedChunk[] = [];
  const tail: SizedChunk[] = [];
  let omittedLines = 0;
  return {
    add(chunk: SizedChunk): void {
      const isHead = tail.length === 0 && sumOf(head) + chunk.sizeBytes <= maxBytes * HEAD_SHARE;
      (isHead ? head : tail).push(chunk);
      while (tail.length > 1 && sumOf(head) + sumOf(tail) > maxBytes) omittedLines += tail.shift()?.lines ?? 0;
    },
    end: () => ({ kept: [...head, ...tail], omittedLines }),
  };
};

/**
 * Cuts a log into compressed chunks as it arrives. Of a log that is longer than `maxBytes` the beginning and the end
 * are kept. Takes no more memory than what is kept, however long the log is.
 */
export const packLog = async (lines: AsyncIterable<LogLine>, maxBytes: number): Promise<PackedLog> => {
  const chunkBytes = Math.min(CHUNK_BYTES, Math.max(1_024, Math.floor(maxBytes / 8)));
  const keeper = createKeeper(maxBytes);
  // One buffer for all chunks: a text and its copy for each of thousands would be garbage that V8 frees late.
  let buffer = Buffer.allocUnsafe(2 * chunkBytes);
  let filled = 0;
  let pending = 0;
  let firstLine = 0;

  const append = (row: string): void => {
    const needed = filled + Buffer.byteLength(row);
    if (needed > buffer.length) {
      const larger = Buffer.allocUnsafe(2 * needed);
      buffer.copy(larger, 0, 0, filled);
      buffer = larger;
    }
    filled += buffer.write(row, filled);
    pending += 1;
  };
  const flush = async (): Promise<void> => {
    if (pending === 0) return;
    // What zlib answers is a view of 64 KB, however short: kept as it is, a long log would take a quarter of its size.
    const body = new Uint8Array(await compress(buffer.subarray(0, filled)));
    keeper.add({ firstLine, lines: pending, body, sizeBytes: filled });
    firstLine += pending;
    pending = 0;
    filled = 0;
  };

  for await (const { at, level, source, text } of lines) {
    append(`${JSON.stringify([at, level, source, text])}\n`);
    if (filled >= chunkBytes) await flush();
  }
  await flush();
  const { kept, omittedLines } = keeper.end();
  return { chunks: kept, sizeBytes: sumOf(kept), omittedLines };
};

/** The lines of a chunk that {@link packLog} made. */
export const unpackChunk = async ({ body }: LogChunk): Promise<readonly LogLine[]> => {
  const text = (await decompress(body)).toString("utf8");
  return text
    .split("\n")
    .slice(0, -1)
    .map((row): LogLine => {
      const [at, level, source, line] = JSON.parse(row) as [LogLine["at"], LogLine["level"], LogLine["source"], string];
      return { at, level, source, text: line };
    });
};
