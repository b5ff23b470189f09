import { type Exchange, EXCHANGE_ANSWER_LIMIT } from "@airfleet/engine";
import type { Scrub } from "../scrubber.ts";
import type { WireAnswer } from "../transport/transport.ts";
import type { ApiRequest } from "./instance-http.ts";

interface Came {
  readonly at: number;
  readonly durationMs: number;
  readonly answer: WireAnswer | undefined;
  /** The kind of failure, when there is no answer. */
  readonly failure: string;
  readonly scrub: Scrub;
}

/** A request and its answer as whoever keeps them may see them. Servers echo credentials, so the answer is scrubbed whole. */
export const toExchange = (
  { method, root, path, body }: Pick<ApiRequest, "method" | "root" | "path" | "body">,
  { at, durationMs, answer, failure, scrub }: Came,
): Exchange => {
  const sent = { at, method, path: `${root}${path.text}`, body, durationMs };
  if (answer === undefined) return { ...sent, status: null, answer: null, isCut: false, failure };
  const text = scrub(answer.bytes.toString("utf8"));
  const isCut = text.length > EXCHANGE_ANSWER_LIMIT;
  return {
    ...sent,
    status: answer.status,
    answer: isCut ? text.slice(0, EXCHANGE_ANSWER_LIMIT) : text,
    isCut,
    failure: null,
  };
};
