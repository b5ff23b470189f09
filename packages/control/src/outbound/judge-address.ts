import ipaddr from "ipaddr.js";

type Address = ReturnType<typeof ipaddr.parse>;

/** What may be done with an address: called, called only where the operator allows it, or never called. */
export type AddressVerdict = "public" | "private" | "never";

/** Where clouds keep their metadata and credentials outside of link-local: Amazon, Alibaba, Oracle, Azure. */
const METADATA = ["fd00:ec2::254", "100.100.100.200", "192.0.0.192", "168.63.129.16"].map((text) =>
  ipaddr.parse(text).toString(),
);

/** No receiver of a single message can be there, whatever the operator allows. */
const NEVER: ReadonlySet<string> = new Set(["linkLocal", "multicast", "unspecified", "broadcast"]);
/** 240.0.0.0/4 is called `reserved` like the documentation ranges, which an operator may use; this part is no network. */
const FUTURE_USE = ipaddr.parseCIDR("240.0.0.0/4");

const fromBytes = (bytes: readonly number[]): Address => ipaddr.fromByteArray([...bytes]);

/**
 * The IPv4 address that a translator or tunnel on the way would call instead: NAT64 (RFC 6052), its local use
 * (RFC 8215), 6to4 (RFC 3056), Teredo (RFC 4380, inverted), and the old IPv4-compatible form.
 */
const embeddedAddress = (address: Address): Address | undefined => {
  if (address.kind() === "ipv4") return undefined;
  const bytes = address.toByteArray();
  const isPrefix = (...prefix: readonly number[]): boolean => prefix.every((byte, index) => bytes[index] === byte);
  if (isPrefix(0, 0x64, 0xff, 0x9b)) return fromBytes(bytes.slice(12));
  if (isPrefix(0x20, 0x02)) return fromBytes(bytes.slice(2, 6));
  if (isPrefix(0x20, 0x01, 0, 0)) return fromBytes(bytes.slice(12).map((byte) => byte ^ 0xff));
  const isCompatible = bytes.slice(0, 12).every((byte) => byte === 0) && bytes.slice(12).some((byte) => byte > 1);
  return isCompatible ? fromBytes(bytes.slice(12)) : undefined;
};

const judge = (address: Address): AddressVerdict => {
  if (METADATA.includes(address.toString()) || NEVER.has(address.range())) return "never";
  if (address.kind() === "ipv4") {
    // 0.0.0.0/8 reaches the machine itself on Linux.
    if (address.toByteArray()[0] === 0 || address.match(FUTURE_USE)) return "never";
  }
  const inner = embeddedAddress(address);
  if (inner !== undefined) return judge(inner) === "never" ? "never" : "private";
  return address.range() === "unicast" ? "public" : "private";
};

/** Judges an IP address in any of its spellings; IPv4 written as IPv6 counts as IPv4. Text that is none is never called. */
export const judgeAddress = (text: string): AddressVerdict =>
  ipaddr.isValid(text) ? judge(ipaddr.process(text)) : "never";
