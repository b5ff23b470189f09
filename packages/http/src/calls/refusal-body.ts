import type { WireAnswer, WireStream } from "../transport/transport.ts";

const ENOUGH_BYTES = 65_536;

/** Reads as much of a refusing answer as its reason may need, and lets go of the rest. */
export const collectRefusal = async (stream: WireStream): Promise<WireAnswer> => {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of stream.body) {
    chunks.push(chunk);
    sizeBytes += chunk.length;
    if (sizeBytes >= ENOUGH_BYTES) break;
  }
  return { status: stream.status, headers: stream.headers, bytes: Buffer.concat(chunks) };
};
