import type { AuthRefusal, Credentials } from "../auth/credentials.ts";
import { type Clock, sleep } from "../clock.ts";
import type { Transport, WireAnswer, WireRequest } from "../transport/transport.ts";
import { createAttempt, type Outcome } from "./attempt.ts";
import type { Breaker } from "./breaker.ts";
import type { Bulkhead } from "./bulkhead.ts";
import { fromRefusingAnswer, fromWireFailure } from "./call-errors.ts";
import { type InstancePlace, placedError } from "./call-place.ts";
import type { Deadline } from "./deadline.ts";
import { readRefusal } from "./error-envelope.ts";
import { collectRefusal } from "./refusal-body.ts";
import type { RetryBudget } from "./retry-budget.ts";
import { backoffMs, isRetryableStatus, MAX_RETRIES, retryAfterMs } from "./retry-policy.ts";

/** One request to the instance's API. */
export interface ApiRequest extends Omit<WireRequest, "headers"> {
  readonly accept?: string;
  /** Sent without credentials. */
  readonly isAnonymous?: boolean;
  /** Whether sending it twice does what sending it once does. True for GET when absent, false for all else. */
  readonly repeatable?: boolean;
  /** Refusing statuses that the caller looks at itself instead of getting the general error. */
  readonly passes?: readonly number[];
  /** Whether an answer with status 5xx is a considered one, which says nothing against the instance's health. */
  readonly isConsidered?: (answer: WireAnswer) => boolean;
}

/** One request that went out and what became of it, for metrics. */
export interface ExchangeRecord {
  readonly method: string;
  /** The path with `{}` for ids: few different values. */
  readonly route: string;
  /** HTTP status, or the kind of failure. */
  readonly outcome: string;
  readonly durationMs: number;
}

/** An answer whose body may still be on its way. */
export interface StreamedAnswer extends WireAnswer {
  /** Null when the answer was a refusal, read already. */
  readonly body: AsyncIterable<Uint8Array> | null;
}

/** Calls to one instance: credentials, deadline, retries, breaker and bulkhead in one place. */
export interface InstanceHttp {
  readonly place: InstancePlace;
  readonly clock: Clock;
  readonly sendsHeaders: boolean;
  /** An answer with status 2xx, or one that the request `passes`. @throws AirfleetError for everything else */
  call(request: ApiRequest, deadline: Deadline): Promise<WireAnswer>;
  /** The same for a body that is read as it comes; the deadline bounds it only up to its headers. */
  stream(request: ApiRequest, deadline: Deadline, bodySignal: AbortSignal): Promise<StreamedAnswer>;
  close(): Promise<void>;
}

export interface InstanceHttpParts {
  readonly place: InstancePlace;
  readonly clock: Clock;
  readonly random: () => number;
  readonly transport: Transport;
  readonly credentials: Credentials;
  readonly headers: Readonly<Record<string, string>>;
  readonly breaker: Breaker;
  readonly bulkhead: Bulkhead;
  /** Calls that the bulkhead lets in at once. */
  readonly places: number;
  readonly budget: RetryBudget;
  readonly answerBytes: number;
  /** Airflow 2 answers 403 for wrong credentials as well; this read tells the two apart. */
  readonly accessCheck: ApiRequest | null;
  /** Whether an answer shows that the instance became another generation since we looked. */
  readonly isForeign?: (answer: WireAnswer) => boolean;
  readonly onExchange?: ((record: ExchangeRecord) => void) | undefined;
}

/** The instance was up- or downgraded under us: nothing was carried out, and the paths are to be found anew. */
export class ForeignGeneration extends Error {
  constructor() {
    super("the instance answers as another generation of Airflow than before");
    this.name = "ForeignGeneration";
  }
}

const isInvalidToken = (answer: WireAnswer): boolean =>
  answer.status === 403 && /invalid jwt token/i.test(readRefusal(answer).reason);

const toAuthRefusal = (answer: WireAnswer): AuthRefusal => ({
  status: answer.status,
  isTokenRefused: answer.status === 401 || isInvalidToken(answer),
  date: answer.headers.date,
});

export const createInstanceHttp = (parts: InstanceHttpParts): InstanceHttp => {
  const { place, clock, random, transport, credentials, budget, answerBytes, accessCheck } = parts;
  const attempt = createAttempt(parts);
  type Send<A> = (request: WireRequest) => Promise<A>;

  /** How long to wait before the next try, or null when there must be none. */
  const retryDelayMs = <A extends WireAnswer>(
    outcome: Outcome<A>,
    request: ApiRequest,
    retry: number,
    deadline: Deadline,
  ): number | null => {
    const repeatable = request.repeatable ?? request.method === "GET";
    let waitMs = backoffMs(retry, random);
    if (outcome.failure !== undefined) {
      // Without a connection nothing was sent, so even a write may be tried again.
      const isSafe = outcome.failure.kind === "connect" || (repeatable && outcome.failure.kind === "reset");
      if (!isSafe) return null;
    } else {
      if (!repeatable || !isRetryableStatus(outcome.answer.status)) return null;
      waitMs = retryAfterMs(outcome.answer.headers.retryAfter, clock.now()) ?? waitMs;
    }
    return retry < MAX_RETRIES && waitMs < deadline.remainingMs() && budget.withdraw() ? waitMs : null;
  };

  const refusal = async (request: ApiRequest, answer: WireAnswer, deadline: Deadline): Promise<Error> => {
    const wire = { ...request, headers: {} };
    const credentialsRefused = (): Error =>
      placedError(place, "INSTANCE_CREDENTIALS_REFUSED", { status: answer.status }, { request });
    if (isInvalidToken(answer)) return credentialsRefused();
    if (answer.status === 403 && accessCheck !== null) {
      if (request === accessCheck) return credentialsRefused();
      const check = await attempt(accessCheck, deadline, (outgoing) => transport.send(outgoing, deadline.signal));
      if (check.answer !== undefined && [401, 403].includes(check.answer.status)) return credentialsRefused();
    }
    return fromRefusingAnswer(place, wire, answer, clock.now());
  };

  const perform = async <A extends WireAnswer>(request: ApiRequest, deadline: Deadline, send: Send<A>): Promise<A> => {
    budget.deposit();
    let renewed = false;
    for (let retry = 0; ; ) {
      const outcome = await attempt(request, deadline, send);
      if (outcome.failure === undefined) {
        const { answer, used } = outcome;
        if (answer.status >= 200 && answer.status < 300) return answer;
        if (parts.isForeign?.(answer) === true) throw new ForeignGeneration();
        if (
          !renewed &&
          (answer.status === 401 || answer.status === 403) &&
          credentials.renew(used, toAuthRefusal(answer))
        ) {
          renewed = true;
          continue;
        }
        if (request.passes?.includes(answer.status) === true) return answer;
      }
      const waitMs = retryDelayMs(outcome, request, retry, deadline);
      if (waitMs === null) {
        if (outcome.failure === undefined) throw await refusal(request, outcome.answer, deadline);
        throw fromWireFailure(place, { ...request, headers: {} }, outcome.failure, { deadline, answerBytes });
      }
      retry += 1;
      await sleep(clock, waitMs, deadline.signal).catch(() => undefined);
    }
  };

  return {
    place,
    clock,
    sendsHeaders: transport.sendsHeaders,
    call: (request, deadline) => perform(request, deadline, (outgoing) => transport.send(outgoing, deadline.signal)),
    stream: (request, deadline, bodySignal) =>
      perform(request, deadline, async (outgoing) => {
        const signal = AbortSignal.any([bodySignal, deadline.signal]);
        const stream = await transport.stream(outgoing, signal);
        if (stream.status >= 200 && stream.status < 300) return { ...stream, bytes: Buffer.alloc(0) };
        return { ...(await collectRefusal(stream)), body: null };
      }),
    close: () => transport.close(),
  };
};
