import { AirfleetError, type InstanceId, ReportSource, toInstanceId, type VerificationKey } from "@airfleet/model";
import type { StoredDocument } from "@airfleet/store";
import { KeyUnusable, readUsableKey, type UsableKey } from "../signatures/usable-key.ts";
import type { PublishedKeys } from "./published-keys.ts";

/** A report source, ready to check what is sent. */
export interface UsableSource {
  readonly instance: InstanceId;
  readonly terms: ReportSource;
  readonly keys: readonly UsableKey[];
  readonly published: PublishedKeys | null;
}

/** Secrets of shared keys by key id: the part of a source that is kept encrypted. */
export type SharedSecrets = Readonly<Record<string, string>>;

export const readSecrets = ({ secret }: Pick<StoredDocument, "secret">): SharedSecrets =>
  Object.fromEntries(
    Object.entries(secret ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );

const importKey = (key: VerificationKey, secrets: SharedSecrets): UsableKey => {
  const secret = Object.hasOwn(secrets, key.key_id) ? secrets[key.key_id] : undefined;
  try {
    return readUsableKey(key.type === "public" || secret === undefined ? key : { ...key, secret });
  } catch (error) {
    if (!(error instanceof KeyUnusable)) throw error;
    const { field, message } = error;
    throw new AirfleetError("REPORT_KEY_REFUSED", { key_id: key.key_id, field, reason: message }, { cause: error });
  }
};

/** Keys of a source, ready for use. @throws {AirfleetError} REPORT_KEY_REFUSED */
const importKeys = (terms: ReportSource, secrets: SharedSecrets): readonly UsableKey[] =>
  terms.keys.map((key) => importKey(key, secrets));

/** Whether anything but signed reports is taken. */
export const takesUnsigned = ({ unsigned, keys, jwks }: ReportSource): boolean =>
  unsigned === "allow" && keys.length === 0 && jwks === undefined;

/** @throws {AirfleetError} REPORT_KEY_REFUSED */
export const toUsableSource = (document: StoredDocument, publish: (url: string) => PublishedKeys): UsableSource => {
  const terms = ReportSource.parse(document.body);
  return {
    instance: toInstanceId(document.id),
    terms,
    keys: importKeys(terms, readSecrets(document)),
    published: terms.jwks === undefined ? null : publish(terms.jwks.url),
  };
};

const refuse = (pointer: string, message: string): AirfleetError =>
  new AirfleetError("REQUEST_INVALID", { summary: `${pointer}: ${message}` }, { findings: [{ pointer, message }] });

/**
 * Refuses terms that could not mean what they say.
 *
 * @throws {AirfleetError} REQUEST_INVALID, REPORT_KEY_REFUSED
 */
export const checkTerms = (terms: ReportSource, secrets: SharedSecrets): void => {
  const { keys, jwks, unsigned } = terms;
  if (unsigned === "allow" && (keys.length > 0 || jwks !== undefined)) {
    throw refuse(
      "/body/unsigned",
      'it cannot be "allow" beside keys: whoever wants to forge a report would not sign it',
    );
  }
  const ids = keys.map(({ key_id }) => key_id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw refuse("/body/keys", `there are two keys with the key_id "${twice}"`);
  for (const { notBefore, notAfter, keyId } of importKeys(terms, secrets)) {
    if (notBefore === null || notAfter === null || notBefore < notAfter) continue;
    throw refuse("/body/keys", `the key "${keyId}" is never valid: not_after must be later than not_before`);
  }
};
