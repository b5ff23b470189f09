import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { crc32 } from "node:zlib";

/** Lower-case letters and digits without i, l, o, u: nothing to mistake when read aloud. */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const ID_LENGTH = 12;
/** 52 characters of 5 bits: more than 256 bits. */
const SECRET_LENGTH = 52;

const PATTERN = /^aft_([0-9a-hjkmnp-tv-z]{12})_([0-9a-hjkmnp-tv-z]{52})_([0-9a-f]{8})$/;

const randomText = (length: number): string =>
  Array.from(randomBytes(length), (byte) => ALPHABET.charAt(byte % 32)).join("");

const checksum = (text: string): string => crc32(text).toString(16).padStart(8, "0");

/** A token's parts. The id is public, the secret is known to its holder alone. */
export interface TokenParts {
  readonly id: string;
  readonly secretHash: Buffer;
}

const hashSecret = (secret: string): Buffer => createHash("sha256").update(secret).digest();

/** A new token: `aft_<id>_<secret>_<crc32>`. The checksum lets a mistyped or cut token be refused without a look-up. */
export const createTokenText = (): TokenParts & { readonly plain: string } => {
  const id = randomText(ID_LENGTH);
  const secret = randomText(SECRET_LENGTH);
  const body = `aft_${id}_${secret}`;
  return { id: `tok_${id}`, secretHash: hashSecret(secret), plain: `${body}_${checksum(body)}` };
};

/** The parts of a token as somebody sent it; undefined when it cannot be one of ours. */
export const parseTokenText = (plain: string): TokenParts | undefined => {
  const match = PATTERN.exec(plain);
  const [, id, secret, crc] = match ?? [];
  if (id === undefined || secret === undefined) return undefined;
  return checksum(`aft_${id}_${secret}`) === crc ? { id: `tok_${id}`, secretHash: hashSecret(secret) } : undefined;
};

/** Compares without telling by its duration where two hashes differ. */
export const isSameHash = (left: Buffer, right: Buffer): boolean =>
  left.length === right.length && timingSafeEqual(left, right);
