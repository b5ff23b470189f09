import { type DagId, type InstanceId, matchesGlob } from "@airfleet/model";
import type { Store } from "@airfleet/store";
import { verifyCompact } from "../signatures/verify-compact.ts";
import { closedInstanceOf, type KnownTriggerKey, toKnownKey } from "./known-keys.ts";
import { objectionTo, type SignedRequest, splitSignature } from "./signed-fields.ts";

/** A request to start a run, as it arrived. */
export interface TriggerRequestBody {
  readonly instance: InstanceId;
  readonly dagId: DagId;
  /** The body's own fields. */
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * Whether a request may start a run by its signature.
 *
 *  - `unneeded`: the instance has no enabled key; whoever may start runs otherwise may do so here.
 *  - `accepted`: by the key of this definition.
 *  - `refused`: the reason is for our log. `field` is how the signature was, or would be, named.
 */
export type SignatureVerdict =
  | { readonly kind: "unneeded" }
  | { readonly kind: "accepted"; readonly id: string; readonly keyId: string }
  | { readonly kind: "refused"; readonly reason: string; readonly field: SignedRequest["name"] };

export interface TriggerSignatures {
  /** Reads the definitions as they are now, so that a key written on another server counts at once. */
  check(request: TriggerRequestBody): Promise<SignatureVerdict>;
}

interface Known {
  readonly keys: readonly KnownTriggerKey[];
  /** Instances of definitions that cannot be read. */
  readonly closed: readonly string[];
}

const KIND = "trigger_key";

export const createTriggerSignatures = (
  { documents }: Pick<Store, "documents">,
  now: () => number,
): TriggerSignatures => {
  let known: Known = { keys: [], closed: [] };
  let knownRevision = -1;

  const read = async (): Promise<Known> => {
    // The revision first: a change in between is then read again, never missed.
    const revision = await documents.revision(KIND);
    if (revision === knownRevision) return known;
    const keys: KnownTriggerKey[] = [];
    const closed: string[] = [];
    for (const document of await documents.list(KIND)) {
      try {
        keys.push(toKnownKey(document));
      } catch {
        closed.push(closedInstanceOf(document));
      }
    }
    known = { keys, closed };
    knownRevision = revision;
    return known;
  };

  const judge = async (
    { instance, dagId }: TriggerRequestBody,
    { signature, rest }: SignedRequest,
    { id, keys, mayBeUnnamed }: KnownTriggerKey,
  ): Promise<{ readonly keyId: string } | { readonly reason: string }> => {
    if (typeof signature !== "string") return { reason: "the signature is no text" };
    const signed = await verifyCompact(signature, keys, now());
    if ("reason" in signed) return { reason: `${id}: ${signed.reason}` };
    const reason = objectionTo(signed.claims, { rest, instance, dagId, mayBeUnnamed, now: now() });
    return reason === undefined ? { keyId: signed.keyId } : { reason: `${id}: ${reason}` };
  };

  return {
    async check(request) {
      const { keys, closed } = await read();
      const { instance, dagId, body } = request;
      const own = keys.filter((key) => key.enabled && key.instance === instance);
      const isClosed = closed.some((each) => each === instance || each === "*");
      if (own.length === 0 && !isClosed) return { kind: "unneeded" };
      const signed = splitSignature(body);
      if (signed === undefined) return { kind: "refused", reason: "it is not signed", field: "check_payload" };
      const fitting = own.filter(({ dags }) => dags.some((glob) => matchesGlob(glob, dagId)));
      const reasons: string[] = [];
      for (const key of fitting) {
        const verdict = await judge(request, signed, key);
        if ("keyId" in verdict) return { kind: "accepted", id: key.id, keyId: verdict.keyId };
        reasons.push(verdict.reason);
      }
      const reason = reasons.length === 0 ? `no key of ${instance} is for this DAG` : reasons.join("; ");
      return { kind: "refused", reason, field: signed.name };
    },
  };
};
