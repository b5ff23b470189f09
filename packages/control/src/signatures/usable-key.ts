import { createPublicKey, createSecretKey, type KeyObject } from "node:crypto";
import type { SignatureAlgorithm, VerificationKey } from "@airfleet/model";

/** A key that can check signatures, with the one algorithm that it is for. */
export interface UsableKey {
  readonly keyId: string;
  readonly algorithm: SignatureAlgorithm;
  readonly key: KeyObject;
  /** Epoch milliseconds, both ends included; null is open. */
  readonly notBefore: number | null;
  readonly notAfter: number | null;
}

/** Why a key cannot be used. Never holds any part of the key. */
export class KeyUnusable extends Error {
  /** The key's field that is wrong. */
  readonly field: string;

  constructor(field: string, reason: string) {
    super(reason);
    this.field = field;
  }
}

/** NIST SP 800-131A: shorter RSA keys protect nothing any more. */
const LEAST_RSA_BITS = 2_048;
/** RFC 7518, 3.2: at least as long as the hash. */
const LEAST_SECRET_BYTES = { HS256: 32, HS512: 64 } as const;

const KINDS = { RS256: "rsa", ES256: "ec", EdDSA: "ed25519" } as const;

const readPem = (pem: string): KeyObject => {
  if (pem.includes("PRIVATE KEY")) {
    throw new KeyUnusable("public_key", "this is a private key: keep it with the sender, and give its public half");
  }
  if (!pem.includes("-----BEGIN PUBLIC KEY-----")) {
    throw new KeyUnusable("public_key", "PEM that begins with -----BEGIN PUBLIC KEY----- is needed");
  }
  try {
    return createPublicKey({ key: pem.trim(), format: "pem", type: "spki" });
  } catch {
    throw new KeyUnusable("public_key", "it cannot be read as a public key");
  }
};

const readPublicKey = ({ algorithm, public_key: pem }: Extract<VerificationKey, { type: "public" }>): KeyObject => {
  const key = readPem(pem);
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType !== KINDS[algorithm]) {
    throw new KeyUnusable(
      "public_key",
      `${algorithm} needs a key of type ${KINDS[algorithm]}, and this is ${key.asymmetricKeyType ?? "another"}`,
    );
  }
  if (algorithm === "RS256" && (modulusLength ?? 0) < LEAST_RSA_BITS) {
    throw new KeyUnusable("public_key", `it has ${modulusLength ?? 0} bits; at least ${LEAST_RSA_BITS} are needed`);
  }
  if (algorithm === "ES256" && namedCurve !== "prime256v1") {
    throw new KeyUnusable("public_key", `ES256 needs the curve P-256, and this is ${namedCurve ?? "another"}`);
  }
  return key;
};

const readSecret = ({ algorithm, secret }: Extract<VerificationKey, { type: "secret" }>): KeyObject => {
  if (secret === undefined) throw new KeyUnusable("secret", "it is needed, as there is none yet");
  if (!/^[A-Za-z0-9_-]+={0,2}$/.test(secret)) throw new KeyUnusable("secret", "base64url is needed");
  const bytes = Buffer.from(secret, "base64url");
  const least = LEAST_SECRET_BYTES[algorithm];
  if (bytes.length < least) {
    throw new KeyUnusable("secret", `it has ${bytes.length} bytes; ${algorithm} needs at least ${least}`);
  }
  return createSecretKey(bytes);
};

const toTime = (instant: string | undefined): number | null => (instant === undefined ? null : Date.parse(instant));

/**
 * Reads a key and judges it, so that one which protects nothing is refused when it is written and not when it is used.
 *
 * @throws {KeyUnusable}
 */
export const readUsableKey = (key: VerificationKey): UsableKey => ({
  keyId: key.key_id,
  algorithm: key.algorithm,
  key: key.type === "public" ? readPublicKey(key) : readSecret(key),
  notBefore: toTime(key.not_before),
  notAfter: toTime(key.not_after),
});
