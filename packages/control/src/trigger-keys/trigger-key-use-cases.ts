import { AirfleetError, type InstanceId, TriggerKey, type VerificationKey } from "@airfleet/model";
import type { Store, StoredDocument } from "@airfleet/store";
import type { Actor } from "../actor.ts";
import { toAuthor } from "../documents/author.ts";
import { KeyUnusable, readUsableKey } from "../signatures/usable-key.ts";
import { withSecrets } from "./known-keys.ts";
import { createTriggerSignatures, type TriggerSignatures } from "./trigger-signatures.ts";

/** A definition as it is kept. Secrets are never shown. */
export interface KeptTriggerKey {
  readonly id: string;
  readonly key: TriggerKey;
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Who may start runs by signing the request. */
export interface TriggerKeyUseCases extends TriggerSignatures {
  list(): Promise<readonly KeptTriggerKey[]>;
  /** @throws {AirfleetError} DOCUMENT_UNKNOWN */
  get(id: string): Promise<KeptTriggerKey>;
  /**
   * Writes a definition: a new one without `version`, one that is there with the version that was read. A key that
   * protects nothing is refused here.
   *
   * @throws {AirfleetError} DOCUMENT_EXISTS, DOCUMENT_UNKNOWN, VERSION_CONFLICT, REQUEST_INVALID
   */
  put(actor: Actor, id: string, key: TriggerKey, version: number | undefined): Promise<KeptTriggerKey>;
  /** @throws {AirfleetError} DOCUMENT_UNKNOWN, VERSION_CONFLICT */
  remove(actor: Actor, id: string, version: number): Promise<void>;
}

interface TriggerKeyPorts {
  readonly store: Pick<Store, "documents">;
  readonly instances: () => readonly { readonly id: InstanceId }[];
  readonly now: () => number;
  readonly onWritten: () => void;
}

const KIND = "trigger_key";

const refuse = (pointer: string, message: string): AirfleetError =>
  new AirfleetError("REQUEST_INVALID", { summary: `${pointer}: ${message}` }, { findings: [{ pointer, message }] });

const show = (document: StoredDocument): KeptTriggerKey => ({
  id: document.id,
  key: TriggerKey.parse(document.body),
  version: document.version,
  createdAt: document.createdAt,
  updatedAt: document.updatedAt,
});

/** What may be shown, and what is kept encrypted. */
const split = (
  keys: readonly VerificationKey[],
): { readonly open: readonly VerificationKey[]; readonly secrets: Record<string, string> } => {
  const secrets: Record<string, string> = {};
  const open = keys.map((key) => {
    if (key.type === "public") return key;
    const { secret, ...rest } = key;
    if (secret !== undefined) secrets[key.key_id] = secret;
    return rest;
  });
  return { open, secrets };
};

const checkKeys = (keys: readonly VerificationKey[]): void => {
  for (const [index, key] of keys.entries()) {
    try {
      readUsableKey(key);
    } catch (error) {
      if (!(error instanceof KeyUnusable)) throw error;
      throw refuse(`/keys/${index}/${error.field}`, error.message);
    }
  }
};

export const createTriggerKeyUseCases = ({ store, instances, now, onWritten }: TriggerKeyPorts): TriggerKeyUseCases => {
  const signatures = createTriggerSignatures(store, now);
  const find = (id: string): Promise<StoredDocument | undefined> => store.documents.find(KIND, id);

  return {
    check: (request) => signatures.check(request),

    list: async () => (await store.documents.list(KIND)).map(show),

    async get(id) {
      const document = await find(id);
      if (document === undefined) throw new AirfleetError("DOCUMENT_UNKNOWN", { kind: "trigger key", id });
      return show(document);
    },

    async put(actor, id, key, version) {
      if (!instances().some((one) => one.id === key.instance)) {
        throw refuse("/instance", `there is no instance "${key.instance}"`);
      }
      const present = version === undefined ? undefined : await find(id);
      const keys = withSecrets(key.keys, present?.secret ?? null);
      checkKeys(keys);
      const { open, secrets } = split(keys);
      const secret = Object.keys(secrets).length === 0 ? null : secrets;
      const write = { kind: KIND, id, body: { ...key, keys: [...open] }, secret } as const;
      const author = toAuthor(actor);
      const document =
        version === undefined
          ? await store.documents.create(write, author)
          : await store.documents.update(write, version, author);
      onWritten();
      return show(document);
    },

    async remove(actor, id, version) {
      await store.documents.remove(KIND, id, version, toAuthor(actor));
      onWritten();
    },
  };
};
