import type { IncomingMessage } from "node:http";

/** A request as the handlers see it. */
export interface Request {
  readonly method: string;
  /** Decoded path: like the real servers, `%2F` becomes a slash before routes are matched. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** Largest body that is read; the real servers have no such limit, but a test must not take the machine down. */
const LARGEST_BODY_BYTES = 64 * 1024 * 1024;

const decodePath = (path: string): string => {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
};

const readBody = async (message: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY_BYTES) throw new RangeError(`a body of more than ${LARGEST_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
};

/** Reads a whole request. */
export const readRequest = async (message: IncomingMessage): Promise<Request> => {
  const target = message.url ?? "/";
  const cut = target.indexOf("?");
  return {
    method: message.method ?? "GET",
    path: decodePath(cut < 0 ? target : target.slice(0, cut)),
    query: new URLSearchParams(cut < 0 ? "" : target.slice(cut + 1)),
    headers: message.headers,
    body: await readBody(message),
  };
};
