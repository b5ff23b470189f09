import type { RouteOutput, ROUTES } from "@airfleet/contract";
import type { KeptTriggerKey } from "@airfleet/control";
import { toInstant } from "./instants.ts";

export const toTriggerKeyView = ({
  id,
  key,
  version,
  createdAt,
  updatedAt,
}: KeptTriggerKey): RouteOutput<typeof ROUTES.getTriggerKey> => ({
  id,
  instance: key.instance,
  dags: [...key.dags],
  replay: key.replay,
  enabled: key.enabled,
  keys: key.keys.map((one) => ({
    key_id: one.key_id,
    type: one.type,
    algorithm: one.algorithm,
    public_key: one.type === "public" ? one.public_key : null,
    not_before: one.not_before ?? null,
    not_after: one.not_after ?? null,
  })),
  version,
  created_at: toInstant(createdAt),
  updated_at: toInstant(updatedAt),
});
