import { createHash, timingSafeEqual } from "node:crypto";
import { AirfleetError } from "@airfleet/model";
import { decodeJwt } from "jose";
import type { UsableSource } from "./usable-source.ts";
import { type SignedFields, verifySignature } from "./verify-signature.ts";

/** Whom our tokens are for. */
const AUDIENCE = "airfleet";
/** A clock may be off by so much. */
const LEEWAY_SECONDS = 60;
/** A token is made for one post; a captured one is of use for no longer. */
const MOST_LIFE_SECONDS = 300;
const MOST_ID_CHARACTERS = 200;

const toTime = (seconds: number): string => new Date(Math.min(Math.max(seconds, 0), 8e12) * 1_000).toISOString();

const isSame = (left: string, right: string): boolean => {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
};

const isFor = (audience: unknown): boolean =>
  audience === AUDIENCE || (Array.isArray(audience) && audience.includes(AUDIENCE));

/** The instance that a token says it is of, before anything is checked: only to know whose keys to check it with. */
export const claimedInstance = (token: string): string | undefined => {
  try {
    const { iss } = decodeJwt(token);
    return typeof iss === "string" ? iss : undefined;
  } catch {
    return undefined;
  }
};

const refuse = (reason: string): AirfleetError => new AirfleetError("REPORT_TOKEN_INVALID", { reason });

const checkTimes = ({ iat, exp, nbf }: SignedFields, now: number): void => {
  if (typeof iat !== "number" || typeof exp !== "number") throw refuse("iat and exp must be numbers");
  if (exp <= iat || exp - iat > MOST_LIFE_SECONDS) {
    throw refuse(`exp must be after iat, by at most ${MOST_LIFE_SECONDS} seconds`);
  }
  const seconds = now / 1_000;
  const from = typeof nbf === "number" ? Math.max(iat, nbf) : iat;
  if (from > seconds + LEEWAY_SECONDS) {
    throw new AirfleetError("REPORT_TOKEN_NOT_YET_VALID", { issued_at: toTime(from), now: toTime(seconds) });
  }
  if (exp < seconds - LEEWAY_SECONDS) {
    throw new AirfleetError("REPORT_TOKEN_EXPIRED", { expired_at: toTime(exp), now: toTime(seconds) });
  }
};

/**
 * Checks the token of a post in our own format: its signature first, so that nobody learns anything without a key; then
 * whom it is for and from, how long it is good, and that it was made for these bytes.
 *
 * @param now Epoch milliseconds.
 * @throws {AirfleetError} REPORT_SIGNATURE_INVALID, REPORT_KEYS_UNAVAILABLE, REPORT_TOKEN_INVALID, REPORT_TOKEN_EXPIRED,
 *   REPORT_TOKEN_NOT_YET_VALID, REPORT_WRONG_INSTANCE, REPORT_BODY_CHANGED
 */
export const verifyReportToken = async (
  source: UsableSource,
  token: string,
  body: Uint8Array,
  now: number,
): Promise<void> => {
  const claims = await verifySignature(source, token, now);
  const { iss, aud, jti, body_sha256: bodyHash } = claims;
  if (iss !== source.instance) {
    throw new AirfleetError("REPORT_WRONG_INSTANCE", { named: String(iss).slice(0, 64), instance: source.instance });
  }
  if (!isFor(aud)) throw refuse(`aud is not "${AUDIENCE}"`);
  if (typeof jti !== "string" || jti === "" || jti.length > MOST_ID_CHARACTERS) throw refuse("jti must be a text");
  checkTimes(claims, now);
  const expected = createHash("sha256").update(body).digest("base64url");
  if (typeof bodyHash !== "string" || !isSame(bodyHash.replace(/=+$/, ""), expected)) {
    throw new AirfleetError("REPORT_BODY_CHANGED");
  }
};
