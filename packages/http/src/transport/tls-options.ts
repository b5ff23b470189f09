import { readFileSync } from "node:fs";
import type { ResolvedInstanceTls } from "@airfleet/model";
import { WireFailure } from "./wire-failure.ts";

interface TlsOptions {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly rejectUnauthorized: boolean;
}

const readPem = (place: string, value: string): string => {
  if (value.includes("-----BEGIN ")) return value;
  try {
    return readFileSync(value, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    // The cause would name the path: for a key that can be the key itself, pasted without its header.
    throw new WireFailure("tls", `tls.${place} is neither PEM text nor a file that can be read (${code})`);
  }
};

/** What Node's TLS needs, from paths or PEM texts. @throws {WireFailure} of kind `tls` when a file cannot be read. */
export const toTlsOptions = (tls: ResolvedInstanceTls): TlsOptions => ({
  ...(tls.ca === undefined ? {} : { ca: readPem("ca", tls.ca) }),
  ...(tls.cert === undefined ? {} : { cert: readPem("cert", tls.cert) }),
  ...(tls.key === undefined ? {} : { key: readPem("key", tls.key) }),
  rejectUnauthorized: !tls.insecure,
});
