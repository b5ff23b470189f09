import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { AirfleetError } from "@airfleet/model";
import type { SecretKey } from "./secret-key.ts";

/** Where an encrypted value stands. It is authenticated with the value, so a value moved to another place does not open. */
export interface SealedPlace {
  readonly table: string;
  readonly row: string;
  readonly field: string;
}

/** Encrypts and decrypts what the store must not show. */
export interface SecretBox {
  readonly keyId: string;
  seal(place: SealedPlace, value: unknown): string;
  /** @throws {AirfleetError} SECRET_KEY_WRONG for another key's value, STORE_DAMAGED for one that was changed or moved. */
  open(place: SealedPlace, sealed: string): unknown;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const FORMAT = "v1";

const placeText = (place: SealedPlace): Buffer => Buffer.from(JSON.stringify([place.table, place.row, place.field]));

/** The id of the key that a sealed value needs. */
const keyIdOf = (sealed: string): string => sealed.split(".")[1] ?? "none";

/** AES-256-GCM with a random nonce. A value reads `v1.<key id>.<base64url of nonce, ciphertext, tag>`. */
export const createSecretBox = (key: SecretKey): SecretBox => ({
  keyId: key.id,

  seal(place, value) {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv("aes-256-gcm", key.encryption, nonce).setAAD(placeText(place));
    const bytes = [nonce, cipher.update(JSON.stringify(value), "utf8"), cipher.final(), cipher.getAuthTag()];
    return `${FORMAT}.${key.id}.${Buffer.concat(bytes).toString("base64url")}`;
  },

  open(place, sealed) {
    if (keyIdOf(sealed) !== key.id) {
      throw new AirfleetError("SECRET_KEY_WRONG", { given: key.id, expected: keyIdOf(sealed) });
    }
    const bytes = Buffer.from(sealed.slice(FORMAT.length + key.id.length + 2), "base64url");
    try {
      const decipher = createDecipheriv("aes-256-gcm", key.encryption, bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(placeText(place)).setAuthTag(bytes.subarray(-TAG_BYTES));
      const text = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
      return JSON.parse(text.toString("utf8")) as unknown;
    } catch (error) {
      const reason = `the secret in ${place.table}.${place.field} of "${place.row}" does not open`;
      throw new AirfleetError("STORE_DAMAGED", { reason }, { cause: error });
    }
  },
});
