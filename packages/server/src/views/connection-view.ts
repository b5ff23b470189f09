import type { RouteOutput, ROUTES } from "@airfleet/contract";
import type { ConnectionCheck, KeptConnection } from "@airfleet/control";
import { toInstant } from "./instants.ts";

export const toConnectionView = (kept: KeptConnection) => ({
  id: kept.id,
  kind: kept.connection.kind,
  description: kept.description,
  host: kept.connection.host,
  port: kept.connection.port,
  login: kept.connection.login,
  schema: kept.connection.schema,
  has_password: kept.hasPassword,
  extra_keys: [...kept.extraKeys],
  used_by: kept.usedBy,
  version: kept.version,
  created_at: toInstant(kept.createdAt),
  updated_at: toInstant(kept.updatedAt),
});

export const toConnectionCheckView = ({
  id,
  source,
  variable,
  kind,
  instances,
  reach,
}: ConnectionCheck): RouteOutput<typeof ROUTES.checkConnection> => ({
  id,
  source,
  variable,
  kind,
  instances: [...instances],
  reach,
});
