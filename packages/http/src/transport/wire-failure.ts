/**
 * Why there is no answer. `connect`: no connection came about, so nothing was sent. `reset`: it broke, and the request
 * may or may not have been carried out. `aborted`: the deadline passed or the caller gave up.
 */
export type WireFailureKind = "connect" | "reset" | "tls" | "aborted" | "too_large" | "malformed" | "refused_address";

export class WireFailure extends Error {
  readonly kind: WireFailureKind;

  constructor(kind: WireFailureKind, reason: string, cause?: unknown) {
    super(reason, cause === undefined ? undefined : { cause });
    this.name = "WireFailure";
    this.kind = kind;
  }
}

const CONNECT_REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "Connection refused",
  ENOTFOUND: "the host name is not known",
  EAI_AGAIN: "the host name could not be looked up",
  EHOSTUNREACH: "there is no route to the host",
  ENETUNREACH: "there is no route to the network",
  ETIMEDOUT: "the connection attempt timed out",
  EADDRNOTAVAIL: "the address is not available",
  UND_ERR_CONNECT_TIMEOUT: "the connection attempt timed out",
};

const RESET_REASONS: Readonly<Record<string, string>> = {
  ECONNRESET: "the connection was reset",
  EPIPE: "the connection was closed while sending",
  UND_ERR_SOCKET: "the connection was closed before the answer was complete",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "the answer was shorter or longer than it announced",
};

const codeOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error && typeof error.code === "string" ? error.code : "";

const isTlsCode = (code: string): boolean =>
  /^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|CRL_|EPROTO|ERR_OSSL)/.test(code);

/** Sorts what undici and Node throw. */
export const toWireFailure = (error: unknown): WireFailure => {
  if (error instanceof WireFailure) return error;
  const code = codeOf(error);
  const text = error instanceof Error ? error.message : String(error);
  const connectReason = CONNECT_REASONS[code];
  if (connectReason !== undefined) return new WireFailure("connect", connectReason, error);
  const resetReason = RESET_REASONS[code];
  if (resetReason !== undefined) return new WireFailure("reset", resetReason, error);
  if (isTlsCode(code)) return new WireFailure("tls", text, error);
  const isParserError = error instanceof Error && error.name === "HTTPParserError";
  if (isParserError || code.startsWith("HPE_") || code.startsWith("UND_ERR_"))
    return new WireFailure("malformed", text, error);
  return new WireFailure("reset", text === "" ? "the connection failed" : text, error);
};
