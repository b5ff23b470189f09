import type { InstanceConfig } from "@airfleet/model";
import type { FleetInstance, InstanceStatus } from "./fleet-instance.ts";
import type { DefinedInstance } from "./merge-sources.ts";

/** Who we are to the instance, as far as it is no secret: a user name behind a reference is shown as the reference. */
const usernameOf = ({ auth }: InstanceConfig): string | null => {
  if (auth.type === "jwt") return auth.user ?? null;
  if (auth.type !== "basic" && auth.type !== "login") return null;
  const { username } = auth;
  if (typeof username === "string") return username;
  return "env" in username ? `{env: ${username.env}}` : `{file: ${username.file}}`;
};

/** The URL without user info and query, should somebody have put a secret there. */
const shownUrl = (text: string): string => {
  if (!URL.canParse(text)) return "";
  const { origin, pathname } = new URL(text);
  return `${origin}${pathname.replace(/\/+$/, "")}`;
};

/** An instance as it may be shown: without its credentials, headers and keys. */
export const toFleetInstance = (defined: DefinedInstance, status: InstanceStatus): FleetInstance => {
  const { config, source, version, removed } = defined;
  return {
    id: config.id,
    name: config.name ?? config.id,
    description: config.description ?? null,
    engine: config.engine,
    url: shownUrl(config.url),
    enabled: config.enabled,
    tier: config.tier,
    labels: config.labels,
    authType: config.auth.type,
    username: usernameOf(config),
    tlsInsecure: config.tls.insecure,
    source,
    version,
    removed,
    status,
  };
};
