import type { LookupFunction } from "node:net";
import { AirfleetError, isAirfleetError } from "@airfleet/model";
import { createGuardedLookup, resolveBySystem, type Resolve } from "./guarded-lookup.ts";
import { createNetworkPolicy, type Protocol } from "./network-policy.ts";

/** Stands before every call to somebody who is not an instance. */
export interface AddressGuard {
  /** A URL that may be called as far as its text shows. @throws {AirfleetError} ADDRESS_REFUSED */
  toUrl(text: string): URL;
  /** Whether a URL may be called at all, looking its name up. @throws {AirfleetError} ADDRESS_REFUSED */
  check(text: string): Promise<void>;
  /** For the connections themselves: they fail with ADDRESS_REFUSED where a name stands for a refused address. */
  readonly lookups: Readonly<Record<Protocol, LookupFunction>>;
}

export interface AddressGuardOptions {
  /** `network.allow` of the settings. */
  readonly allow: readonly string[];
  readonly resolve?: Resolve;
}

export const protocolOf = ({ protocol }: URL): Protocol => (protocol === "http:" ? "http:" : "https:");

export const createAddressGuard = ({ allow, resolve = resolveBySystem }: AddressGuardOptions): AddressGuard => {
  const policy = createNetworkPolicy(allow);
  const lookups = {
    "http:": createGuardedLookup(policy, "http:", resolve),
    "https:": createGuardedLookup(policy, "https:", resolve),
  };

  const toUrl = (text: string): URL => {
    const url = URL.parse(text);
    const reason = url === null ? "it is no URL" : policy.refuseUrl(url);
    if (url === null || reason !== undefined) {
      throw new AirfleetError("ADDRESS_REFUSED", { url: text, reason: reason ?? "" });
    }
    return url;
  };

  return {
    toUrl,
    lookups,

    async check(text) {
      const url = toUrl(text);
      await new Promise<void>((done, refuse) => {
        lookups[protocolOf(url)](url.hostname.replace(/^\[(.*)\]$/, "$1"), { all: true }, (error) => {
          // A name that does not resolve yet is no reason: the receiver may be set up later.
          if (isAirfleetError(error)) {
            refuse(new AirfleetError("ADDRESS_REFUSED", { url: text, reason: String(error.details["reason"]) }));
          } else done();
        });
      });
    },
  };
};
