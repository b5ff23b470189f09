import { createHash } from "node:crypto";
import type { ConfigEntry, ConfigKind } from "@airfleet/model";
import { canonicalJson, type Deadline } from "@airfleet/http";
import type { Api } from "../api.ts";
import { poolsDocument } from "../documents/instigators.ts";

/** Pools with their limits. Dagster keeps no variables and no connections: those are in code and environment. */
export const listConfig = async (api: Api, kind: ConfigKind, deadline: Deadline): Promise<readonly ConfigEntry[]> => {
  const { instance } = await api.graphql.ask(poolsDocument, {}, deadline);
  if (kind !== "pool") return [];
  return instance.concurrencyLimits
    .map(({ concurrencyKey, limit, slotCount, usingDefaultLimit }): ConfigEntry => {
      const facts = { slots: limit ?? slotCount, using_default_limit: usingDefaultLimit ?? false };
      const valueHash = createHash("sha256").update(canonicalJson(facts)).digest("hex");
      return { kind: "pool", key: concurrencyKey, description: null, valueHash, facts };
    })
    .sort((left, right) => (left.key < right.key ? -1 : 1));
};
