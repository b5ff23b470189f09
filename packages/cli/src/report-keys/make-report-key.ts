import { generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import type { CallInput } from "@airfleet/sdk";

/** Algorithms that reports may be signed with, the one that we advise first. */
export const REPORT_ALGORITHMS = ["ES256", "EdDSA", "RS256", "HS256", "HS512"] as const;
export type ReportAlgorithm = (typeof REPORT_ALGORITHMS)[number];

type SourceBody = NonNullable<CallInput<"putReportSource">["body"]>;
export type SourceKey = NonNullable<SourceBody["keys"]>[number];

/** A new key: what its sender keeps, and what the server is given. */
export interface ReportKey {
  readonly algorithm: ReportAlgorithm;
  /** PEM of the private half, or the text of a shared secret. */
  readonly senderText: string;
  /** PEM of the public half; null for a shared secret. */
  readonly publicText: string | null;
  /** For the report source; `key_id` is the caller's to choose. */
  readonly verification: (keyId: string) => SourceKey;
}

/** Past what anybody can break for decades, and still accepted by every library of the older senders. */
const RSA_BITS = 3_072;
const SECRET_BYTES = { HS256: 32, HS512: 64 } as const;

interface Pair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const makePair = (algorithm: "ES256" | "EdDSA" | "RS256"): Pair => {
  switch (algorithm) {
    case "ES256":
      return generateKeyPairSync("ec", { namedCurve: "P-256" });
    case "EdDSA":
      return generateKeyPairSync("ed25519");
    case "RS256":
      return generateKeyPairSync("rsa", { modulusLength: RSA_BITS });
    default:
      return algorithm satisfies never;
  }
};

/** Older senders sign with the letters of the secret, ours with the bytes that they stand for. */
const makeSecret = (algorithm: "HS256" | "HS512", isForOldSender: boolean): ReportKey => {
  const text = randomBytes(SECRET_BYTES[algorithm]).toString("base64url");
  const secret = isForOldSender ? Buffer.from(text).toString("base64url") : text;
  return {
    algorithm,
    senderText: text,
    publicText: null,
    verification: (keyId) => ({ type: "secret", key_id: keyId, algorithm, secret }),
  };
};

/** Makes a key on this machine; the private half never leaves it but by its owner's hand. */
export const makeReportKey = (algorithm: ReportAlgorithm, isForOldSender = false): ReportKey => {
  if (algorithm === "HS256" || algorithm === "HS512") return makeSecret(algorithm, isForOldSender);
  const { privateKey, publicKey } = makePair(algorithm);
  const publicText = publicKey.export({ type: "spki", format: "pem" }).toString();
  return {
    algorithm,
    senderText: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    publicText,
    verification: (keyId) => ({ type: "public", key_id: keyId, algorithm, public_key: publicText }),
  };
};
