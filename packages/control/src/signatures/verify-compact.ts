import { compactVerify, decodeProtectedHeader } from "jose";
import type { UsableKey } from "./usable-key.ts";

/** What a signature that holds says. */
export interface SignedClaims {
  readonly keyId: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Why a signature is not believed; for our log, never for its sender. */
export interface Unbelieved {
  readonly reason: string;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isValidAt = ({ notBefore, notAfter }: UsableKey, now: number): boolean =>
  (notBefore === null || notBefore <= now) && (notAfter === null || now <= notAfter);

const toClaims = (payload: Uint8Array): Readonly<Record<string, unknown>> | undefined => {
  try {
    const claims: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
    return isObject(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
};

/**
 * Checks a JWS in compact form. Which algorithm a key is used with is fixed by the key, never by the token: `none`, and
 * a public key taken for a shared secret, are refused before anything is computed. What the header says of keys (`jwk`,
 * `jku`, `x5c`) is not looked at; a `kid` only narrows the choice among our own.
 *
 * Time and audience are the caller's to judge: the older formats have neither.
 *
 * @param now Epoch milliseconds, for the validity of the keys.
 */
export const verifyCompact = async (
  token: string,
  keys: readonly UsableKey[],
  now: number,
): Promise<SignedClaims | Unbelieved> => {
  let header: ReturnType<typeof decodeProtectedHeader>;
  try {
    header = decodeProtectedHeader(token);
  } catch {
    return { reason: "it is no JWS in compact form" };
  }
  const valid = keys.filter((key) => isValidAt(key, now));
  if (valid.length === 0) return { reason: "no key is valid at this time" };
  const named = valid.filter(({ keyId }) => header.kid === undefined || header.kid === keyId);
  if (named.length === 0) return { reason: "its key id is not one of ours, or not valid at this time" };
  const fitting = named.filter(({ algorithm }) => algorithm === header.alg);
  if (fitting.length === 0) return { reason: "its algorithm is not the one that the key is for" };
  for (const { key, keyId, algorithm } of fitting) {
    const verified = await compactVerify(token, key, { algorithms: [algorithm] }).catch(() => undefined);
    if (verified === undefined) continue;
    const claims = toClaims(verified.payload);
    return claims === undefined ? { reason: "what it signs is no JSON object" } : { keyId, claims };
  }
  return { reason: "its signature does not hold" };
};
