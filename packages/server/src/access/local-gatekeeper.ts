import { AirfleetError } from "@airfleet/model";
import type { FastifyRequest } from "fastify";
import type { Gatekeeper } from "./gatekeeper.ts";
import { hostNameOf } from "./host-name.ts";
import { isFromOwnPages } from "./own-pages.ts";

const LOCAL_HOSTS = ["localhost", "127.0.0.1", "::1"];

/** A name outside the list is DNS rebinding: a page of another site that made its own name point at 127.0.0.1. */
const checkHost = (request: FastifyRequest, hosts: ReadonlySet<string>): void => {
  const { host } = request.headers;
  if (host !== undefined && hosts.has(hostNameOf(host))) return;
  throw new AirfleetError("HOST_REFUSED", { host: host ?? "" });
};

/** A proxy in front would open a server without credentials to everybody whom the proxy serves. */
const checkProxy = (request: FastifyRequest): void => {
  const header = Object.keys(request.headers).find(
    (name) => name === "forwarded" || name === "via" || name.startsWith("x-forwarded-"),
  );
  if (header !== undefined) throw new AirfleetError("PROXY_REFUSED", { header });
};

const checkSite = (request: FastifyRequest): void => {
  if (!isFromOwnPages(request, ["http:"])) throw new AirfleetError("CROSS_SITE_REFUSED");
};

/**
 * `auth.mode: local`. Everybody who reaches the server is admin, so only programs and people of this machine may reach
 * it. An `Authorization` header is not looked at.
 *
 * @param hosts More host names that the server answers to.
 */
export const createLocalGatekeeper = (hosts: readonly string[] = []): Gatekeeper => {
  const allowed = new Set([...LOCAL_HOSTS, ...hosts.map(hostNameOf)]);
  return {
    async admit(request) {
      checkHost(request, allowed);
      checkProxy(request);
      checkSite(request);
      return { id: "local", role: "admin", instances: ["*"], sourceIp: request.ip, requestId: request.id };
    },
  };
};
