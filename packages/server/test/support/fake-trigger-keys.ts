import type { Control, KeptTriggerKey, SignatureVerdict } from "@airfleet/control";
import { AirfleetError, toInstanceId } from "@airfleet/model";

const TIME = 1_700_000_000_000;

const kept = (id: string): KeptTriggerKey => ({
  id,
  key: {
    instance: toInstanceId("client1"),
    dags: ["*"],
    replay: "refuse",
    enabled: true,
    keys: [{ type: "public", key_id: "k1", algorithm: "EdDSA", public_key: "-----BEGIN PUBLIC KEY-----" }],
  },
  version: 1,
  createdAt: TIME,
  updatedAt: TIME,
});

/** One key, of `client1`, and one verdict on whatever is signed. */
export const fakeTriggerKeys = (verdict: () => SignatureVerdict): Control["triggerKeys"] => ({
  check: async () => verdict(),
  list: async () => [kept("region")],
  get: async (id) => {
    if (id !== "region") throw new AirfleetError("DOCUMENT_UNKNOWN", { kind: "trigger key", id });
    return kept(id);
  },
  put: async (_actor, id) => kept(id),
  remove: async () => {},
});
