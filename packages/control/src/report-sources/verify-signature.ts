import { AirfleetError } from "@airfleet/model";
import { compactVerify, type CryptoKey, decodeProtectedHeader, errors } from "jose";
import { readJson } from "../inbox/read-json.ts";
import { verifyCompact } from "../signatures/verify-compact.ts";
import { keysUnavailable, type PublishedKeys } from "./published-keys.ts";
import type { UsableSource } from "./usable-source.ts";

/** What was signed. */
export type SignedFields = Readonly<Record<string, unknown>>;

/** They say where a key is to be had, or that more than a signature is meant. No sender of ours has a use for them. */
const REFUSED_HEADERS = ["crit", "jku", "jwk", "x5u", "x5c", "b64", "zip", "enc"] as const;
const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

/** Why a token is not looked at any further; undefined when it is. */
const unwantedIn = (token: string): string | undefined => {
  if (!COMPACT.test(token)) return "it is no signed token in compact form";
  let header: SignedFields;
  try {
    header = decodeProtectedHeader(token);
  } catch {
    return "its header cannot be read";
  }
  const unwanted = REFUSED_HEADERS.find((name) => Object.hasOwn(header, name));
  if (unwanted !== undefined) return `its header has "${unwanted}"`;
  const { typ = "JWT", kid = "" } = header;
  if (typeof typ !== "string" || typ.toUpperCase() !== "JWT") return "its type is another one";
  return typeof kid === "string" ? undefined : "its key id is no text";
};

/**
 * Whether the library judged the signature: by a key that did not make it, by one that is too weak (which it calls a
 * TypeError), or by there being none. Anything else says that the key set itself is missing.
 */
const isVerdict = (error: unknown): boolean =>
  error instanceof TypeError ||
  (error instanceof errors.JOSEError &&
    !(error instanceof errors.JWKSTimeout) &&
    !(error instanceof errors.JWKSInvalid) &&
    error.code !== "ERR_JOSE_GENERIC");

/** Of several keys that the token may mean, since it names none. */
const tryEach = async (token: string, keys: AsyncIterable<CryptoKey>, algorithms: string[]) => {
  for await (const key of keys) {
    try {
      return (await compactVerify(token, key, { algorithms })).payload;
    } catch (error) {
      if (!isVerdict(error)) throw error;
    }
  }
  return undefined;
};

const tryPublished = async (token: string, published: PublishedKeys, algorithms: string[]) => {
  try {
    return (await compactVerify(token, published.find, { algorithms })).payload;
  } catch (error) {
    if (error instanceof errors.JWKSMultipleMatchingKeys) return tryEach(token, error, algorithms);
    if (isVerdict(error)) return undefined;
    throw error;
  }
};

/** @returns undefined where no published key made the signature */
const checkPublished = async (
  { published, terms, instance }: UsableSource,
  token: string,
): Promise<SignedFields | undefined> => {
  if (published === null) return undefined;
  const payload = await tryPublished(token, published, [...(terms.jwks?.algorithms ?? [])]).catch((cause: unknown) => {
    throw keysUnavailable(instance, published, cause);
  });
  if (payload === undefined) return undefined;
  const fields = readJson(Buffer.from(payload).toString("utf8"));
  return typeof fields === "object" && fields !== null && !Array.isArray(fields) ? (fields as SignedFields) : undefined;
};

/**
 * Checks a signature (JWS, compact) against the keys of a source. The algorithm is the one that the key was configured
 * for, whatever the token says; the token's key id picks among the keys, and without one every valid key is tried.
 *
 * @param now Epoch milliseconds.
 * @throws {AirfleetError} REPORT_SIGNATURE_INVALID with what is wrong as its cause, which is not for the sender;
 *   REPORT_KEYS_UNAVAILABLE when published keys could not be read; REPORT_TOO_LARGE, REPORT_UNREADABLE
 */
export const verifySignature = async (source: UsableSource, token: string, now: number): Promise<SignedFields> => {
  const refuse = (reason: string): AirfleetError =>
    new AirfleetError("REPORT_SIGNATURE_INVALID", { instance: source.instance }, { cause: new Error(reason) });
  const unwanted = unwantedIn(token);
  if (unwanted !== undefined) throw refuse(unwanted);
  const own = await verifyCompact(token, source.keys, now);
  if ("claims" in own) return own.claims;
  const fields = await checkPublished(source, token);
  if (fields !== undefined) return fields;
  throw refuse(source.published === null ? own.reason : `${own.reason}; nor is it of a published key`);
};
