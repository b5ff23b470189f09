import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import { matchesGlob } from "@airfleet/model";
import { StepRefusal, StepTrouble } from "../step-trouble.ts";

/** Where clouds keep credentials, and what is no single machine: never reached, whatever is allowed. */
const NEVER = new BlockList();
for (const [network, bits] of [
  ["0.0.0.0", 8],
  ["169.254.0.0", 16],
  ["224.0.0.0", 3],
  ["100.100.100.200", 32],
  ["192.0.0.192", 32],
  ["168.63.129.16", 32],
] as const) {
  NEVER.addSubnet(network, bits, "ipv4");
}
for (const [network, bits] of [
  ["::", 128],
  ["fe80::", 10],
  ["ff00::", 8],
  ["fd00:ec2::254", 128],
] as const) {
  NEVER.addSubnet(network, bits, "ipv6");
}

interface Entry {
  readonly host: string;
  readonly port: number | null;
}

/** An entry of `network.allow`: a name with `*`, an address or a network, each with a port if need be. */
const toEntry = (text: string): Entry => {
  const bracketed = /^\[(.+)\](?::(\d+))?$/.exec(text);
  const plain = bracketed ?? (isIP(text.split("/", 1)[0] ?? "") === 6 ? null : /^([^:]+):(\d+)$/.exec(text));
  return { host: (plain?.[1] ?? text).toLowerCase(), port: plain?.[2] === undefined ? null : Number(plain[2]) };
};

const familyOf = (address: string): "ipv4" | "ipv6" => (isIP(address) === 6 ? "ipv6" : "ipv4");

const isWithin = (address: string, network: string): boolean => {
  const [base = "", bits] = network.split("/");
  const kind = isIP(base);
  if (kind === 0) return false;
  const list = new BlockList();
  list.addSubnet(base, bits === undefined ? (kind === 6 ? 128 : 32) : Number(bits), familyOf(base));
  return list.check(address, familyOf(address));
};

/**
 * The address under which a host may be reached: that which was judged, so that a name cannot come to mean another.
 *
 * @throws {StepRefusal} for one outside of `network.allow`
 */
export const allowedAddress = async (allow: readonly string[], host: string, port: number): Promise<string> => {
  const entries = allow.map(toEntry).filter((entry) => entry.port === null || entry.port === port);
  const name = host.toLowerCase().replace(/\.$/, "");
  const found = isIP(name) === 0 ? await lookup(name, { all: true }).catch(() => []) : [{ address: name }];
  if (found.length === 0) throw new StepTrouble(`The name ${host} is not known to this machine.`);
  const isNamed = entries.some((entry) => matchesGlob(entry.host, name));
  // Every one: which of them is called must not decide.
  const isAllowed = found.every(
    ({ address }) =>
      !NEVER.check(address, familyOf(address)) && (isNamed || entries.some((entry) => isWithin(address, entry.host))),
  );
  const [first] = found;
  if (isAllowed && first !== undefined) return first.address;
  throw new StepRefusal(
    `${host}:${port} is outside the network that pipelines may use (${allow.length === 0 ? "none" : allow.join(", ")}; see network.allow).`,
  );
};
