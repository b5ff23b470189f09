import { type InstanceId, TriggerKey, type VerificationKey } from "@airfleet/model";
import type { StoredDocument } from "@airfleet/store";
import { readUsableKey, type UsableKey } from "../signatures/usable-key.ts";

/** A definition as the checking of signatures needs it. */
export interface KnownTriggerKey {
  readonly id: string;
  readonly instance: InstanceId;
  readonly dags: readonly string[];
  readonly mayBeUnnamed: boolean;
  readonly enabled: boolean;
  readonly keys: readonly UsableKey[];
}

/** Puts kept secrets back where they belong. */
export const withSecrets = (keys: readonly VerificationKey[], secrets: StoredDocument["secret"]): VerificationKey[] =>
  keys.map((key) => {
    const secret = secrets?.[key.key_id];
    return key.type === "secret" && key.secret === undefined && typeof secret === "string" ? { ...key, secret } : key;
  });

const toUsable = (key: VerificationKey): readonly UsableKey[] => {
  try {
    return [readUsableKey(key)];
  } catch {
    return [];
  }
};

/**
 * What a stored definition means. A key in it that has become unusable holds for nothing, but the definition stays: were
 * it left out, its instance would start runs without any signature.
 *
 * @throws {ZodError} for one that cannot be read at all; see {@link closedInstanceOf}
 */
export const toKnownKey = ({ id, body, secret }: StoredDocument): KnownTriggerKey => {
  const { instance, dags, replay, enabled, keys } = TriggerKey.parse(body);
  const usable = withSecrets(keys, secret).flatMap(toUsable);
  return { id, instance, dags, mayBeUnnamed: replay === "allow", enabled, keys: usable };
};

/** Of a definition that cannot be read: the instance that it closes; `*` for all. */
export const closedInstanceOf = ({ body }: StoredDocument): string =>
  typeof body["instance"] === "string" ? body["instance"] : "*";
