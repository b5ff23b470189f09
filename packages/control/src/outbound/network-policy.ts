import { matchesGlob } from "@airfleet/model";
import ipaddr from "ipaddr.js";
import { judgeAddress } from "./judge-address.ts";

/** Which receivers may be called; `network.allow` of the settings widens it. */
export interface NetworkPolicy {
  /** Why a URL must not be called, as far as its text shows; undefined when it may. */
  refuseUrl(url: URL): string | undefined;
  /** Why an address that a host stands for must not be called; undefined when it may. */
  refuseAddress(host: string, address: string, protocol: Protocol): string | undefined;
}

export type Protocol = "http:" | "https:";

const PLAIN = "plain http is only for receivers that network.allow names";

type Network = ReturnType<typeof ipaddr.parseCIDR>;

/** An address or a network in CIDR form. */
const toNetwork = (text: string): Network | undefined => {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  if (!ipaddr.isValid(text)) return undefined;
  const address = ipaddr.process(text);
  return [address, address.kind() === "ipv4" ? 32 : 128];
};

/** Whether an entry of `network.allow` can mean anything: an address, a network, or a host name with `*`. */
export const isNetworkEntry = (text: string): boolean =>
  toNetwork(text) !== undefined || /^(?=.*[a-z])[a-z0-9*]([a-z0-9*._-]{0,252}[a-z0-9*])?$/i.test(text);

/** The host as it is looked up: without the brackets of IPv6 and the dot of a full name, in lower case. */
const plainHost = (hostname: string): string =>
  hostname
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "")
    .toLowerCase();

/**
 * Public addresses over https for everybody; private ones, and plain http, only where an entry names the address or the
 * host. Link-local, metadata, multicast and unspecified addresses never.
 *
 * @param allow Addresses, networks in CIDR form, and host names in which `*` stands for any text.
 */
export const createNetworkPolicy = (allow: readonly string[]): NetworkPolicy => {
  const networks = allow.map(toNetwork).filter((network) => network !== undefined);
  const hosts = allow.filter((text) => toNetwork(text) === undefined).map((text) => text.toLowerCase());

  const isNamed = (host: string): boolean => hosts.some((glob) => matchesGlob(glob, plainHost(host)));
  const isInNetwork = (text: string): boolean => {
    const address = ipaddr.process(text);
    return networks.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits));
  };

  const refuseAddress = (host: string, address: string, protocol: Protocol): string | undefined => {
    const verdict = judgeAddress(address);
    if (verdict === "never") {
      return `${address} is a link-local, metadata, multicast or unspecified address, which is never called`;
    }
    if (isNamed(host) || isInNetwork(address)) return undefined;
    if (verdict === "private") return `${address} is a private address that network.allow does not name`;
    return protocol === "http:" ? PLAIN : undefined;
  };

  return {
    refuseAddress,
    refuseUrl({ protocol, username, password, hostname }) {
      if (protocol !== "https:" && protocol !== "http:") return `${protocol} is neither https nor http`;
      if (username !== "" || password !== "") return "it carries a user name or password";
      const host = plainHost(hostname);
      if (ipaddr.isValid(host)) return refuseAddress(host, host, protocol);
      // A name may stand for an allowed network; whether it does shows when it is looked up.
      return protocol === "http:" && networks.length === 0 && !isNamed(host) ? PLAIN : undefined;
    },
  };
};
