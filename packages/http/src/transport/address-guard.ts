import { lookup as dnsLookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { WireFailure } from "./wire-failure.ts";

/**
 * Addresses that are never an Airflow server: link-local (where clouds keep their metadata and credentials), Amazon's
 * IPv6 metadata address, multicast. IPv4 addresses written as IPv6 are covered by the same entries.
 */
const createBlockList = (): BlockList => {
  const list = new BlockList();
  list.addSubnet("169.254.0.0", 16, "ipv4");
  list.addSubnet("224.0.0.0", 4, "ipv4");
  list.addAddress("255.255.255.255", "ipv4");
  list.addSubnet("fe80::", 10, "ipv6");
  list.addSubnet("ff00::", 8, "ipv6");
  list.addAddress("fd00:ec2::254", "ipv6");
  return list;
};

const blocked = createBlockList();

const refuse = (address: string): WireFailure =>
  new WireFailure(
    "refused_address",
    `${address} is a link-local, metadata or multicast address, which is never called`,
  );

/** Whether a request may go to this address. */
export const isCallableAddress = (address: string): boolean => {
  const family = isIP(address);
  return family !== 0 && !blocked.check(address, family === 6 ? "ipv6" : "ipv4");
};

/** Checks a URL whose host is an address already: the system never looks that up. @throws {WireFailure} */
export const checkHost = (url: URL): void => {
  const host = url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname;
  if (isIP(host) !== 0 && !isCallableAddress(host)) throw refuse(host);
};

/**
 * A name lookup that refuses such addresses. It serves the connection itself, so what was checked is what is called: a
 * name that changes its address between check and use gains nothing.
 */
export const guardedLookup: LookupFunction = (hostname, options, callback) => {
  dnsLookup(hostname, { ...options, all: true }, (error, found) => {
    if (error !== null) {
      callback(error, "");
      return;
    }
    const bad = found.find(({ address }) => !isCallableAddress(address));
    const [first] = found;
    if (bad !== undefined || first === undefined) callback(refuse(bad?.address ?? hostname), "");
    else if (options.all === true) callback(null, found);
    else callback(null, first.address, first.family);
  });
};
