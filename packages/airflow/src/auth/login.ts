import {
  type Clock,
  createTokenCredentials,
  type Credentials,
  fromRefusingAnswer,
  type InstancePlace,
  type IssuedToken,
  placedError,
  startDeadline,
  type Transport,
  WireFailure,
  type WireRequest,
} from "@airfleet/http";
import { z } from "zod";

const TokenAnswer = z.object({ access_token: z.string().min(1) });
const Claims = z.object({ exp: z.number(), iat: z.number().optional() });

/** Used when the token is no JWT, so that it says nothing about its end. */
const UNKNOWN_LIFETIME_MS = 600_000;
/** Renewed this long before its end, since a call may be on its way for a while. */
const MARGIN_MS = 30_000;

/** How long a JWT may be used, from its own claims: its issuer's clock is not ours, so the difference counts. */
export const tokenLifetimeMs = (token: string, nowMs: number): number => {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
    const { exp, iat } = Claims.parse(claims);
    const lifetimeMs = exp * 1_000 - (iat === undefined ? nowMs : iat * 1_000);
    return Math.max(1_000, lifetimeMs - Math.min(MARGIN_MS, lifetimeMs / 2));
  } catch {
    return UNKNOWN_LIFETIME_MS;
  }
};

export interface LoginOptions {
  readonly place: InstancePlace;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly username: string;
  readonly password: string;
  /** Below the instance's URL; it belongs to the auth manager, not to the REST API. */
  readonly loginPath: string;
  /** Sent with the login as with every request. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Airflow 3's login: user and password for a JWT, renewed when it ends or is refused. */
export const createLoginCredentials = (options: LoginOptions): Credentials => {
  const { place, transport, clock, timeoutMs, username, password, loginPath, headers } = options;
  const request: WireRequest = {
    method: "POST",
    root: "",
    path: { text: loginPath, template: loginPath },
    headers: { accept: "application/json", ...headers },
    // JSON and not a form: the FAB auth manager reads nothing else.
    body: { username, password },
  };
  const login = async (): Promise<IssuedToken> => {
    using deadline = startDeadline(clock, {}, timeoutMs);
    const answer = await transport.send(request, deadline.signal);
    if (answer.status < 200 || answer.status > 299) {
      // 400, 401, 403, 422: whatever the auth manager calls it, these credentials are no good.
      if ([400, 401, 403, 422].includes(answer.status)) {
        throw placedError(place, "INSTANCE_CREDENTIALS_REFUSED", { status: answer.status }, { request });
      }
      throw fromRefusingAnswer(place, request, answer, clock.now());
    }
    const parsed = TokenAnswer.safeParse(parseJson(answer.bytes));
    if (!parsed.success) throw new WireFailure("malformed", "the login answered no access_token");
    const token = parsed.data.access_token;
    return { token, usableMs: tokenLifetimeMs(token, clock.now()) };
  };
  return createTokenCredentials(clock, login);
};

const parseJson = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return null;
  }
};
