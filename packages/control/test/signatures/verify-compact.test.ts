import { generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import type { VerificationKey } from "@airfleet/model";
import { CompactSign, UnsecuredJWT } from "jose";
import { describe, expect, test } from "vitest";
import { KeyUnusable, readUsableKey } from "../../src/signatures/usable-key.ts";
import { verifyCompact } from "../../src/signatures/verify-compact.ts";

const NOW = Date.parse("2026-11-20T12:00:00Z");
const rsa = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const ed = generateKeyPairSync("ed25519");
const secret = randomBytes(64);

const pemOf = (key: KeyObject): string => key.export({ type: "spki", format: "pem" }).toString();
const publicKey = (fields: Partial<Extract<VerificationKey, { type: "public" }>> = {}): VerificationKey => ({
  type: "public",
  key_id: "k1",
  algorithm: "RS256",
  public_key: pemOf(rsa.publicKey),
  ...fields,
});
const sharedKey = (algorithm: "HS256" | "HS512", bytes: Buffer = secret): VerificationKey => ({
  type: "secret",
  key_id: "shared",
  algorithm,
  secret: bytes.toString("base64url"),
});

const CLAIMS = { run_id: "r1", conf: "{}" };
const sign = (key: KeyObject, header: { readonly alg: string; readonly [name: string]: unknown }): Promise<string> =>
  new CompactSign(Buffer.from(JSON.stringify(CLAIMS))).setProtectedHeader(header).sign(key);
const verify = (token: string, ...keys: readonly VerificationKey[]) =>
  verifyCompact(token, keys.map(readUsableKey), NOW);

const refusalOf = (key: VerificationKey): unknown => {
  try {
    return readUsableKey(key);
  } catch (error) {
    return error instanceof KeyUnusable ? `${error.field}: ${error.message}` : error;
  }
};

describe("a key", () => {
  test.each([
    [
      "RSA of 1024 bits",
      publicKey({ public_key: pemOf(generateKeyPairSync("rsa", { modulusLength: 1_024 }).publicKey) }),
      "public_key: it has 1024 bits",
    ],
    [
      "another type than the algorithm's",
      publicKey({ public_key: pemOf(ec.publicKey) }),
      "public_key: RS256 needs a key of type rsa",
    ],
    [
      "another curve",
      publicKey({
        algorithm: "ES256",
        public_key: pemOf(generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey),
      }),
      "public_key: ES256 needs the curve P-256",
    ],
    [
      "a private key",
      publicKey({ public_key: rsa.privateKey.export({ type: "pkcs8", format: "pem" }).toString() }),
      "public_key: this is a private key",
    ],
    ["text", publicKey({ public_key: "nonsense" }), "public_key: PEM that begins with"],
    [
      "broken PEM",
      publicKey({ public_key: "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----" }),
      "public_key: it cannot be read",
    ],
    ["a secret that is too short for HS256", sharedKey("HS256", randomBytes(31)), "secret: it has 31 bytes"],
    ["a secret that is too short for HS512", sharedKey("HS512", randomBytes(32)), "secret: it has 32 bytes"],
    ["no secret at all", { type: "secret", key_id: "k", algorithm: "HS256" }, "secret: it is needed"],
  ] as const)("is refused that is %s", (_what, key, reason) => {
    expect(refusalOf(key)).toEqual(expect.stringContaining(reason));
  });
});

describe("a signature", () => {
  test.each([
    ["RS256", rsa.privateKey, publicKey()],
    ["ES256", ec.privateKey, publicKey({ algorithm: "ES256", public_key: pemOf(ec.publicKey) })],
    ["EdDSA", ed.privateKey, publicKey({ algorithm: "EdDSA", public_key: pemOf(ed.publicKey) })],
  ] as const)("by %s holds", async (alg, key, ours) => {
    expect(await verify(await sign(key, { alg }), ours)).toEqual({ keyId: "k1", claims: CLAIMS });
  });

  test.each(["HS256", "HS512"] as const)("by %s holds", async (alg) => {
    const token = await new CompactSign(Buffer.from(JSON.stringify(CLAIMS))).setProtectedHeader({ alg }).sign(secret);
    expect(await verify(token, sharedKey(alg))).toEqual({ keyId: "shared", claims: CLAIMS });
  });

  test("none is no algorithm", async () => {
    expect(await verify(new UnsecuredJWT(CLAIMS).encode(), publicKey())).toEqual({
      reason: "its algorithm is not the one that the key is for",
    });
  });

  test("a public key is no shared secret", async () => {
    const pem = Buffer.from(pemOf(rsa.publicKey));
    const token = await new CompactSign(Buffer.from(JSON.stringify(CLAIMS)))
      .setProtectedHeader({ alg: "HS256" })
      .sign(pem);
    expect(await verify(token, publicKey())).toHaveProperty("reason");
  });

  test("a key in the header is not believed", async () => {
    const foreign = generateKeyPairSync("rsa", { modulusLength: 2_048 });
    const jwk = foreign.publicKey.export({ format: "jwk" });
    const token = await sign(foreign.privateKey, { alg: "RS256", jwk, jku: "https://evil.example/jwks" });
    expect(await verify(token, publicKey())).toEqual({ reason: "its signature does not hold" });
  });

  test("what was changed after signing is noticed", async () => {
    const [head, , mark] = (await sign(rsa.privateKey, { alg: "RS256" })).split(".");
    const forged = Buffer.from(JSON.stringify({ ...CLAIMS, run_id: "r2" })).toString("base64url");
    expect(await verify(`${head}.${forged}.${mark}`, publicKey())).toEqual({ reason: "its signature does not hold" });
  });

  test("both keys hold while they overlap, and each only in its time", async () => {
    const old = publicKey({ key_id: "old", not_after: "2026-11-20T11:59:59Z" });
    const next = publicKey({ key_id: "next", not_before: "2026-11-20T12:00:00Z" });
    const named = await sign(rsa.privateKey, { alg: "RS256", kid: "old" });
    expect(await verify(await sign(rsa.privateKey, { alg: "RS256" }), old, next)).toMatchObject({ keyId: "next" });
    expect(await verify(named, old, next)).toHaveProperty("reason");
    expect(await verify(named, old)).toEqual({ reason: "no key is valid at this time" });
  });

  test.each(["", "a.b", "....", "e30.e30.e30"])("%j is none", async (token) => {
    expect(await verify(token, publicKey())).toHaveProperty("reason");
  });
});
