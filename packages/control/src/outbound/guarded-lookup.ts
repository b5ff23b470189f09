import { lookup as systemLookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { AirfleetError } from "@airfleet/model";
import type { NetworkPolicy, Protocol } from "./network-policy.ts";

/** Looks a name up; as `dns.lookup` with `all`. */
export type Resolve = (
  hostname: string,
  done: (
    error: NodeJS.ErrnoException | null,
    found: readonly { readonly address: string; readonly family: number }[],
  ) => void,
) => void;

export const resolveBySystem: Resolve = (hostname, done) => {
  systemLookup(hostname, { all: true, verbatim: true }, done);
};

/**
 * A look-up for the connection itself: what was judged is what is called, so that a name which changes its address
 * between check and use gains nothing. One bad address among several refuses all.
 */
export const createGuardedLookup =
  (policy: NetworkPolicy, protocol: Protocol, resolve: Resolve): LookupFunction =>
  (hostname, options, callback) => {
    resolve(hostname, (error, found) => {
      if (error !== null) {
        callback(error, "");
        return;
      }
      const refusals = found.flatMap(({ address }) => policy.refuseAddress(hostname, address, protocol) ?? []);
      const [first] = found;
      const reason = refusals[0] ?? (first === undefined ? `${hostname} has no address` : undefined);
      if (reason !== undefined || first === undefined) {
        callback(new AirfleetError("ADDRESS_REFUSED", { url: hostname, reason: reason ?? "" }), "");
      } else if (options.all === true) callback(null, [...found]);
      else callback(null, first.address, first.family);
    });
  };
