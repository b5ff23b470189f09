import { createHash, hkdfSync, randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { AirfleetError } from "@airfleet/model";

const KEY_BYTES = 32;

/** The key that secrets in the store are encrypted with. */
export interface SecretKey {
  /** Names the key without telling it; stored beside what it encrypted. */
  readonly id: string;
  /** Derived from the configured key, so that a later use of the same key shares nothing with this one. */
  readonly encryption: Buffer;
}

const decode = (text: string): Buffer | undefined => {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, "hex");
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return undefined;
  const bytes = Buffer.from(text, "base64");
  return bytes.length === KEY_BYTES ? bytes : undefined;
};

/**
 * A key from its text: 32 bytes in base64 or hex.
 *
 * @param source Where it comes from, for the message.
 * @throws {AirfleetError} SECRET_KEY_INVALID; the message never holds the text.
 */
export const parseSecretKey = (text: string, source: string): SecretKey => {
  const bytes = decode(text.trim());
  if (bytes === undefined) throw new AirfleetError("SECRET_KEY_INVALID", { source });
  const id = createHash("sha256").update("airfleet secret key id\n").update(bytes).digest("hex").slice(0, 16);
  return { id, encryption: Buffer.from(hkdfSync("sha256", bytes, "", "airfleet store encryption", KEY_BYTES)) };
};

/** A new key as text. */
export const generateSecretKey = (): string => randomBytes(KEY_BYTES).toString("base64");

/** The key file of a data directory, made (0600) when it is not there. */
export const readOrCreateKeyFile = (file: string): string => {
  if (!existsSync(file)) {
    // By another name first: a crash in between must not leave an empty key that everything is then encrypted with.
    const unfinished = `${file}.new`;
    writeFileSync(unfinished, `${generateSecretKey()}\n`, { mode: 0o600, flush: true });
    renameSync(unfinished, file);
  }
  return readFileSync(file, "utf8");
};

/**
 * The key from the environment: AIRFLEET_SECRET_KEY, or the file that AIRFLEET_SECRET_KEY_FILE names.
 *
 * @throws {AirfleetError} SECRET_UNAVAILABLE when the file cannot be read.
 */
export const secretKeyFromEnvironment = (environment: NodeJS.ProcessEnv): string | undefined => {
  const text = environment["AIRFLEET_SECRET_KEY"];
  if (text !== undefined && text !== "") return text;
  const file = environment["AIRFLEET_SECRET_KEY_FILE"];
  if (file === undefined || file === "") return undefined;
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new AirfleetError("SECRET_UNAVAILABLE", { reference: file, reason: String(error) }, { cause: error });
  }
};
