import { type InstancePlace, placedError } from "@airfleet/http";
import { createPrivateKey, createSecretKey, type KeyObject } from "node:crypto";
import type { ResolvedInstanceAuth } from "@airfleet/model";

export type JwtAuth = Extract<ResolvedInstanceAuth, { type: "jwt" }>;

/** RFC 7518: an HMAC key is as long as its hash (§3.2), an RSA key has 2048 bits or more (§3.3). */
const SECRET_BYTES = { HS256: 32, HS512: 64 } as const;
const RSA_BITS = 2_048;

const EXPECTED = {
  RS256: `an RSA private key of at least ${RSA_BITS} bits in PEM`,
  ES256: "an EC private key on the curve P-256 in PEM",
  EdDSA: "an Ed25519 private key in PEM",
  HS256: `a secret of at least ${SECRET_BYTES.HS256} bytes in base64url`,
  HS512: `a secret of at least ${SECRET_BYTES.HS512} bytes in base64url`,
} as const satisfies Record<JwtAuth["algorithm"], string>;

/** What makes a key the wrong one for an algorithm; null when it fits. */
const mismatch = (key: KeyObject, algorithm: "RS256" | "ES256" | "EdDSA"): string | null => {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (algorithm === "EdDSA") return type === "ed25519" ? null : `it is of type ${type}`;
  if (algorithm === "ES256") {
    if (type !== "ec") return `it is of type ${type}`;
    return details?.namedCurve === "prime256v1" ? null : `its curve is ${details?.namedCurve}`;
  }
  if (type !== "rsa") return `it is of type ${type}`;
  const bits = details?.modulusLength ?? 0;
  return bits >= RSA_BITS ? null : `it has ${bits} bits`;
};

/** The configured key, fit for its algorithm. @throws INSTANCE_SIGNING_KEY_UNUSABLE; never with the key's text */
export const parseSigningKey = ({ key: text, algorithm }: JwtAuth, place: InstancePlace): KeyObject => {
  const refuse = (reason: string): never => {
    throw placedError(place, "INSTANCE_SIGNING_KEY_UNUSABLE", { algorithm, reason, expected: EXPECTED[algorithm] });
  };
  if (algorithm === "HS256" || algorithm === "HS512") {
    if (!/^[A-Za-z0-9_-]+={0,2}$/.test(text.trim())) return refuse("it is not base64url");
    const secret = Buffer.from(text.trim(), "base64url");
    const least = SECRET_BYTES[algorithm];
    return secret.length < least ? refuse(`it has ${secret.length} bytes`) : createSecretKey(secret);
  }
  let key: KeyObject;
  try {
    key = createPrivateKey(text);
  } catch {
    // OpenSSL's own words may quote its input.
    return refuse(text.includes("-----BEGIN") ? "it is no private key, or has a passphrase" : "it is not PEM");
  }
  const wrong = mismatch(key, algorithm);
  return wrong === null ? key : refuse(wrong);
};
