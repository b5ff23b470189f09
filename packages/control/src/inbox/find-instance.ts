import { AirfleetError, type InstanceId } from "@airfleet/model";

/** Instances as messages name them. */
export interface KnownAddress {
  readonly id: InstanceId;
  readonly url: string;
}

interface Address {
  readonly host: string;
  readonly path: string;
}

/** `https://Airflow.example.org:443/prefix/` and `airflow.example.org/prefix` are the same place. */
const toAddress = (text: string): Address | undefined => {
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  if (!URL.canParse(whole)) return undefined;
  const { hostname, port, pathname } = new URL(whole);
  return { host: port === "" ? hostname : `${hostname}:${port}`, path: pathname.replace(/\/+$/, "") };
};

const isSame = (left: Address | undefined, right: Address | undefined): boolean =>
  left !== undefined && right !== undefined && left.host === right.host && left.path === right.path;

/**
 * The instance behind the host that a message names: by the source's own table, else by the addresses that instances are
 * configured with, with their path, else by host alone where that is clear.
 *
 * @throws {AirfleetError} REPORT_HOST_UNKNOWN, REPORT_HOST_AMBIGUOUS, REPORT_INCOMPLETE
 */
export const findInstanceByHost = (
  host: string | null,
  hosts: Readonly<Record<string, InstanceId>>,
  known: readonly KnownAddress[],
): InstanceId => {
  if (host === null) throw new AirfleetError("REPORT_INCOMPLETE", { field: "host", reason: "there is none" });
  const address = toAddress(host);
  const mapped = Object.entries(hosts).find(([name]) => name === host || isSame(toAddress(name), address));
  if (mapped !== undefined) return mapped[1];
  const exact = known.filter(({ url }) => isSame(toAddress(url), address));
  const found = exact.length > 0 ? exact : known.filter(({ url }) => toAddress(url)?.host === address?.host);
  const [only, ...others] = address === undefined ? [] : found;
  if (only === undefined) throw new AirfleetError("REPORT_HOST_UNKNOWN", { host });
  if (others.length === 0) return only.id;
  throw new AirfleetError("REPORT_HOST_AMBIGUOUS", { host, instances: found.map(({ id }) => id) });
};
