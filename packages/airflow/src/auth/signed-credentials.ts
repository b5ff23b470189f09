import {
  type AuthHeaders,
  bearerHeader,
  type Clock,
  type Credentials,
  type InstancePlace,
  type SignedRequest,
  toBodyText,
  toTargetText,
} from "@airfleet/http";
import { createHash, randomUUID } from "node:crypto";
import { decodeJwt, SignJWT } from "jose";
import { type JwtAuth, parseSigningKey } from "./signing-key.ts";

const ISSUER = "airfleet";
/** What the backend allows at most: a call may wait for a while in a busy web server's backlog. */
const LIFETIME_S = 60;
/** `Date` has whole seconds, and the backend bears more than this; less would have every 403 signed twice. */
const TOLERATED_MS = 5_000;
/** A wrong time zone is within it. What is further off is no clock, and a token for then could be kept for long. */
const FURTHEST_MS = 24 * 3_600_000;

/** The DAG that a path names; undefined for lists over all of them. */
const namedDag = (target: string): string | undefined => {
  const id = /^\/api\/v1\/dags\/([^/?]+)/.exec(target)?.[1];
  return id === undefined || id === "~" ? undefined : decodeURIComponent(id);
};

const sha256 = (text: string): string => createHash("sha256").update(text, "utf8").digest("base64url");

/** Whether a token was not yet or no longer good at that time; true also for what is no token of ours. */
const isOutOfTime = (headers: AuthHeaders, atMs: number): boolean => {
  const { iat = 0, exp = 0 } = decodeJwt((headers["authorization"] ?? "").replace(/^Bearer /, ""));
  return atMs < iat * 1_000 - TOLERATED_MS || atMs > exp * 1_000;
};

export interface SignedCredentialsOptions {
  readonly auth: JwtAuth;
  readonly place: InstancePlace;
  readonly clock: Clock;
}

/**
 * A token of its own for every request (RFC 7515, 7519): good for this method, path, query and body alone, once, for a
 * minute. `airfleet.airflow.auth_backend` is what verifies it.
 *
 * The instance's clock counts, not ours. When a token was refused and its `Date` says that it was out of time there,
 * tokens are dated by that clock from then on.
 *
 * @throws INSTANCE_SIGNING_KEY_UNUSABLE
 */
export const createSignedCredentials = ({ auth, place, clock }: SignedCredentialsOptions): Credentials => {
  const key = parseSigningKey(auth, place);
  const { algorithm: alg, key_id: kid, user, audience = place.instance } = auth;
  const header = { alg, typ: "JWT", ...(kid === undefined ? {} : { kid }) };
  let theirClockMs = 0;

  const claimsOf = (request: SignedRequest) => {
    const iat = Math.floor((clock.now() + theirClockMs) / 1_000);
    const path = toTargetText(request);
    const dag = namedDag(path);
    return {
      iss: ISSUER,
      ...(user === undefined ? {} : { sub: user }),
      aud: audience,
      iat,
      exp: iat + LIFETIME_S,
      jti: randomUUID(),
      method: request.method,
      path,
      ...(dag === undefined ? {} : { dag_id: dag }),
      body_sha256: sha256(toBodyText(request) ?? ""),
    };
  };

  return {
    headers: () => Promise.resolve({}),
    sign: async (request) => bearerHeader(await new SignJWT(claimsOf(request)).setProtectedHeader(header).sign(key)),
    renew: (refused, { date }) => {
      const theirs = Date.parse(date ?? "") + 500;
      const offMs = theirs - clock.now();
      // NaN when there is no date: then nothing is known that would make another token better.
      if (!(Math.abs(offMs) <= FURTHEST_MS) || !isOutOfTime(refused, theirs)) return false;
      theirClockMs = offMs;
      return true;
    },
  };
};
