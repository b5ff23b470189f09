import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import type { Fault } from "../faults/fault.ts";
import type { Answer } from "./answer.ts";

const findFault = <Kind extends Fault["kind"]>(
  faults: readonly Fault[],
  kind: Kind,
): Extract<Fault, { kind: Kind }> | undefined =>
  faults.find((fault): fault is Extract<Fault, { kind: Kind }> => fault.kind === kind);

const drip = async (
  response: ServerResponse,
  body: Buffer,
  { chunkBytes, everyMs }: Extract<Fault, { kind: "slow body" }>,
) => {
  for (let at = 0; at < body.length && !response.destroyed; at += chunkBytes) {
    response.write(body.subarray(at, at + chunkBytes));
    await wait(everyMs, undefined, { ref: false });
  }
  response.end();
};

const stream = async (response: ServerResponse, body: AsyncIterable<string>): Promise<void> => {
  for await (const chunk of body) {
    if (response.destroyed) return;
    if (!response.write(chunk)) await once(response, "drain");
  }
  response.end();
};

/** Writes an answer, spoilt by the faults that concern answers. */
export const sendAnswer = async (response: ServerResponse, answer: Answer, faults: readonly Fault[]): Promise<void> => {
  if (findFault(faults, "lost answer") !== undefined) {
    response.socket?.destroy();
    return;
  }
  const wrongType = findFault(faults, "wrong content type");
  const headers: Record<string, string> = { ...answer.headers };
  if (wrongType !== undefined) headers["content-type"] = wrongType.contentType;
  if (typeof answer.body !== "string" && !Buffer.isBuffer(answer.body)) {
    response.writeHead(answer.status, headers);
    response.flushHeaders();
    return stream(response, answer.body);
  }
  const whole = typeof answer.body === "string" ? Buffer.from(answer.body) : answer.body;
  const truncated = findFault(faults, "truncated json");
  const body = truncated === undefined ? whole : whole.subarray(0, Math.floor(whole.length / 2));
  if (answer.status !== 204) headers["content-length"] = String(truncated?.cuts === true ? whole.length : body.length);
  response.writeHead(answer.status, headers);
  const slow = findFault(faults, "slow body");
  if (slow !== undefined) return drip(response, body, slow);
  if (truncated?.cuts === true) {
    response.write(body, () => response.socket?.destroy());
    return;
  }
  response.end(body);
};
