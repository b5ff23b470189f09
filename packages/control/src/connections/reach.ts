import { connect } from "node:net";
import { type Connection, type ConnectionKind, isAirfleetError } from "@airfleet/model";
import type { AddressGuard } from "../outbound/address-guard.ts";

/** Whether something answers at a connection's address. Nobody signs in there. */
export interface ReachVerdict {
  /** `host:port`. */
  readonly address: string;
  readonly ok: boolean;
  readonly milliseconds: number;
  /** Why not. */
  readonly error: string | null;
}

/** Null for a connection that has no address of its own. */
export type Reach = (connection: Connection) => Promise<ReachVerdict | null>;

/** Somebody waits for the answer. */
const WAIT_MS = 5_000;

const USUAL_PORTS: Readonly<Record<ConnectionKind, number | null>> = {
  postgres: 5_432,
  mysql: 3_306,
  http: null,
  s3: null,
  aws: null,
};

interface Place {
  readonly host: string;
  readonly port: number;
}

/** Where a connection leads: what it says, or what is usual. */
const placeOf = ({ kind, host, port, schema, extra }: Connection): Place | null => {
  const endpoint = extra["endpoint_url"];
  const address = host ?? (typeof endpoint === "string" ? endpoint : null);
  if (address === null) return null;
  const text = address.includes("://") ? address : `${schema === "http" ? "http" : "https"}://${address}`;
  const url = URL.parse(text);
  if (url === null || url.hostname === "") return null;
  const written = url.port === "" ? (url.protocol === "http:" ? 80 : 443) : Number(url.port);
  return { host: url.hostname.replace(/^\[(.*)\]$/, "$1"), port: port ?? USUAL_PORTS[kind] ?? written };
};

/** What the guard says against an address; its look-up alone would not see one that is written in numbers. */
const refusalOf = async (guard: Pick<AddressGuard, "check">, { host, port }: Place): Promise<string | undefined> => {
  const written = host.includes(":") ? `[${host}]` : host;
  try {
    await guard.check(`https://${written}:${port}`);
    return undefined;
  } catch (error) {
    if (isAirfleetError(error, "ADDRESS_REFUSED")) return String(error.details["reason"]);
    throw error;
  }
};

export const createReach =
  (guard: Pick<AddressGuard, "lookups" | "check">, now: () => number): Reach =>
  async (connection) => {
    const place = placeOf(connection);
    if (place === null) return null;
    const address = `${place.host}:${place.port}`;
    const begun = now();
    const refusal = await refusalOf(guard, place);
    if (refusal !== undefined) return { address, ok: false, milliseconds: 0, error: refusal };
    const error = await new Promise<string | null>((done) => {
      // Private addresses only where `network.allow` names them: the check must not become a scanner of our network.
      const lookup = guard.lookups["https:"];
      const socket = connect({ ...place, lookup, timeout: WAIT_MS });
      const end = (reason: string | null): void => {
        socket.destroy();
        done(reason);
      };
      socket.once("connect", () => end(null));
      socket.once("timeout", () => end(`no answer within ${WAIT_MS / 1_000} seconds`));
      socket.once("error", (failure) =>
        end(isAirfleetError(failure) ? String(failure.details["reason"]) : failure.message),
      );
    });
    return { address, ok: error === null, milliseconds: now() - begun, error };
  };
