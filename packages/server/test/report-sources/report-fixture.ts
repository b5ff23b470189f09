import { createHash, generateKeyPairSync, type KeyObject, randomUUID, sign as signBytes } from "node:crypto";

/** Key pairs, as senders hold them. */
export const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
export const otherPair = generateKeyPairSync("ec", { namedCurve: "P-256" });

export const pemOf = (key: KeyObject): string => key.export({ type: "spki", format: "pem" }).toString();

export const publicKey = (key: KeyObject = pair.publicKey, keyId = "k1") => ({
  type: "public",
  key_id: keyId,
  algorithm: "ES256",
  public_key: pemOf(key),
});

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A JWS, made by Node's own crypto: what checks it is another implementation. */
export const signJws = (claims: unknown, key: KeyObject = pair.privateKey, header: object = { kid: "k1" }): string => {
  const text = `${encode({ alg: "ES256", typ: "JWT", ...header })}.${encode(claims)}`;
  const mark = signBytes("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" });
  return `${text}.${mark.toString("base64url")}`;
};

export const tokenFor = (
  body: string,
  { key = pair.privateKey, ...claims }: { readonly key?: KeyObject } & Readonly<Record<string, unknown>> = {},
): string => {
  const iat = Math.floor(Date.now() / 1_000);
  const hash = createHash("sha256").update(body).digest("base64url");
  return signJws(
    { iss: "cinco-prd", aud: "airfleet", iat, exp: iat + 60, jti: randomUUID(), body_sha256: hash, ...claims },
    key,
  );
};

/** A report of the run `run-1` on `cinco-prd`. */
export const reportOf = (fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  version: 1,
  event_id: randomUUID(),
  instance: "cinco-prd",
  dag_id: "orders",
  dag_run_id: "run-1",
  sent_at: new Date().toISOString(),
  run: { state: "running" },
  ...fields,
});
