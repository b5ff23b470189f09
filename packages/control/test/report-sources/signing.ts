import { createHash, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import type { VerificationKey } from "@airfleet/model";
import { CompactSign, type CryptoKey } from "jose";

export const NOW = Date.parse("2026-11-20T12:00:00Z");

export const pemOf = (key: KeyObject): string => key.export({ type: "spki", format: "pem" }).toString();

export const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
export const otherEc = generateKeyPairSync("ec", { namedCurve: "P-256" });
export const rsa = generateKeyPairSync("rsa", { modulusLength: 2_048 });
export const ed = generateKeyPairSync("ed25519");
export const shared = randomBytes(64);

type PublicKey = Extract<VerificationKey, { type: "public" }>;

/** A public key as a source holds it. */
export const publicKey = (fields: Partial<PublicKey> = {}): PublicKey => ({
  type: "public",
  key_id: "k1",
  algorithm: "ES256",
  public_key: pemOf(ec.publicKey),
  ...fields,
});

export const sharedKey = (algorithm: "HS256" | "HS512" = "HS256", secret: Buffer = shared): VerificationKey => ({
  type: "secret",
  key_id: "shared",
  algorithm,
  secret: secret.toString("base64url"),
});

type Header = Readonly<Record<string, unknown>> & { readonly alg: string };

/** Signs whatever it is given, with whatever header. */
export const sign = (
  claims: unknown,
  key: CryptoKey | KeyObject | Uint8Array = ec.privateKey,
  header: Header = { alg: "ES256", kid: "k1", typ: "JWT" },
): Promise<string> => {
  const crit = header["crit"] === undefined ? undefined : { crit: { "urn:x": false, "urn:y": false } };
  return new CompactSign(Buffer.from(typeof claims === "string" ? claims : JSON.stringify(claims)))
    .setProtectedHeader(header)
    .sign(key, crit);
};

export const hashOf = (body: string): string => createHash("sha256").update(body).digest("base64url");

/** The claims of a token of `eu-1` for a body, as they should be. */
export const claimsFor = (
  body: string,
  fields: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> => {
  const iat = Math.floor(NOW / 1_000);
  return { iss: "eu-1", aud: "airfleet", iat, exp: iat + 60, jti: "j1", body_sha256: hashOf(body), ...fields };
};

/** A report in our own format. */
export const reportOf = (fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  version: 1,
  event_id: "event-0001",
  instance: "eu-1",
  dag_id: "orders",
  dag_run_id: "run-1",
  sent_at: "2026-11-20T12:00:00Z",
  run: { state: "running" },
  ...fields,
});
