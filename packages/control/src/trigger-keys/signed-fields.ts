import { isDeepStrictEqual } from "node:util";
import type { DagId, InstanceId } from "@airfleet/model";

type Fields = Readonly<Record<string, unknown>>;

/** A signed request: the signature, and every field beside it. */
export interface SignedRequest {
  /** The older name of the field, or the newer one. */
  readonly name: "check_payload" | "token";
  readonly signature: unknown;
  readonly rest: Fields;
}

/** Takes a request's body apart. Undefined when nothing in it is a signature. */
export const splitSignature = (body: Fields): SignedRequest | undefined => {
  const name = (["check_payload", "token"] as const).find((each) => Object.hasOwn(body, each));
  if (name === undefined) return undefined;
  const { [name]: signature, ...rest } = body;
  return { name, signature, rest };
};

/** Claims that say something of the signature or its purpose; a body need not repeat them. */
const OWN_CLAIMS: ReadonlySet<string> = new Set(["iat", "exp", "nbf", "jti", "iss", "sub", "aud", "dag_id"]);

/** How far the signer's clock may be off ours. */
const SKEW_S = 30;

const isTimely = ({ exp, nbf }: Fields, nowMs: number): boolean => {
  const now = nowMs / 1_000;
  if (exp !== undefined && (typeof exp !== "number" || now > exp + SKEW_S)) return false;
  return nbf === undefined || (typeof nbf === "number" && nbf - SKEW_S <= now);
};

const isForUs = ({ aud }: Fields, instance: InstanceId): boolean =>
  aud === undefined || [aud].flat().some((one) => one === instance || one === "airfleet");

/**
 * Whether claims that were signed allow this request. Every field of the body must have been signed and every signed
 * one must be there, equal as JSON values. Time and audience are judged where the signer names them.
 *
 * @returns the reason against it; undefined when there is none
 */
export const objectionTo = (
  claims: Fields,
  {
    rest,
    instance,
    dagId,
    mayBeUnnamed,
    now,
  }: {
    readonly rest: Fields;
    readonly instance: InstanceId;
    readonly dagId: DagId;
    /** Whether the signature may leave open which DAG it is for. */
    readonly mayBeUnnamed: boolean;
    /** Epoch milliseconds. */
    readonly now: number;
  },
): string | undefined => {
  const signed = Object.entries(claims).filter(([name]) => !OWN_CLAIMS.has(name) || Object.hasOwn(rest, name));
  if (!isDeepStrictEqual(Object.fromEntries(signed), { ...rest })) return "it was made for another body";
  if (!isTimely(claims, now)) return "it is not valid at this time";
  if (!isForUs(claims, instance)) return "its audience is neither the instance nor airfleet";
  if (claims["dag_id"] === undefined) {
    return mayBeUnnamed ? undefined : "it does not name its DAG (dag_id), and the key says replay: refuse";
  }
  return claims["dag_id"] === dagId ? undefined : "it was made for another DAG";
};
