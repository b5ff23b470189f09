import type { FastifyReply } from "fastify";

/**
 * Sends pieces of JSON as one answer without joining them: the kernel takes them from where they are. The headers that
 * the app has set are kept.
 */
export const sendChunks = (reply: FastifyReply, status: number, chunks: readonly Uint8Array[]): void => {
  const length = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
  const { raw } = reply;
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value);
  reply.code(status).hijack();
  raw.writeHead(status, { "content-type": "application/json; charset=utf-8", "content-length": length });
  raw.cork();
  for (const chunk of chunks) raw.write(chunk);
  raw.end();
  raw.uncork();
};
