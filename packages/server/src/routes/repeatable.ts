import { createHash } from "node:crypto";
import type { RouteDefinition } from "@airfleet/contract";
import { AirfleetError } from "@airfleet/model";
import type { IdempotencyRepository, StoredAnswer } from "@airfleet/store";
import { readIdempotencyKey } from "../http/idempotency-key.ts";
import type { RouteContext } from "./bound-route.ts";

/** What keeps the answers to keyed requests. */
export type KeptAnswers = Pick<IdempotencyRepository, "begin" | "finish" | "abandon">;

interface Answered {
  readonly answer: StoredAnswer;
  /** It was given before; nothing was done this time. */
  readonly isReplay: boolean;
}

/** Whether the contract promises it for this route. */
export const isRepeatable = (route: RouteDefinition): boolean => route.errors.includes("IDEMPOTENCY_KEY_OUTSTANDING");

/** Whoever asks again this soon still finds the first request at work. */
const RETRY_SECONDS = 1;

/**
 * Carries out a POST at most once per `Idempotency-Key`: a repetition gets the first answer again. What was refused is
 * forgotten, so that a corrected request may use the key.
 *
 * @throws {AirfleetError} IDEMPOTENCY_KEY_OUTSTANDING while the first one is at work, IDEMPOTENCY_KEY_REUSED for the
 *   same key with another request
 */
export const answerOnce = async <Route extends RouteDefinition>(
  route: Route,
  context: RouteContext<Route>,
  kept: KeptAnswers,
  carryOut: () => Promise<StoredAnswer>,
): Promise<Answered> => {
  const key = readIdempotencyKey(context.header("idempotency-key"));
  if (key === undefined) return { answer: await carryOut(), isReplay: false };
  const asked = JSON.stringify([context.params, context.query, context.body]);
  const verdict = await kept.begin({
    actor: context.actor.id,
    method: route.method,
    route: route.path,
    key,
    requestHash: createHash("sha256").update(asked).digest("base64url"),
  });
  switch (verdict.kind) {
    case "replay":
      return { answer: verdict.answer, isReplay: true };
    case "outstanding":
      throw new AirfleetError("IDEMPOTENCY_KEY_OUTSTANDING", { key }, { retryAfterSeconds: RETRY_SECONDS });
    case "fresh":
      try {
        const answer = await carryOut();
        await kept.finish(verdict.claim, answer);
        return { answer, isReplay: false };
      } catch (error) {
        await kept.abandon(verdict.claim);
        throw error;
      }
    default:
      return verdict satisfies never;
  }
};
