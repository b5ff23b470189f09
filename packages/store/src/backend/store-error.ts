import { AirfleetError, type ErrorCode } from "@airfleet/model";

/** SQLite's primary result codes (sqlite.org/rescode.html), by what a caller can do about them. */
const SQLITE_CODES: Readonly<Record<number, ErrorCode>> = {
  5: "STORE_BUSY", // SQLITE_BUSY
  6: "STORE_BUSY", // SQLITE_LOCKED
  8: "STORE_UNAVAILABLE", // SQLITE_READONLY
  10: "STORE_UNAVAILABLE", // SQLITE_IOERR
  11: "STORE_DAMAGED", // SQLITE_CORRUPT
  13: "STORE_UNAVAILABLE", // SQLITE_FULL
  14: "STORE_UNAVAILABLE", // SQLITE_CANTOPEN
  26: "STORE_DAMAGED", // SQLITE_NOTADB
};

/** PostgreSQL's SQLSTATEs and classes of them (manual, appendix A). */
const POSTGRES_STATES: Readonly<Record<string, ErrorCode>> = {
  "25006": "STORE_UNAVAILABLE", // read only: a standby
  "25P03": "STORE_BUSY", // idle in transaction too long
  "40001": "STORE_BUSY",
  "40P01": "STORE_BUSY", // deadlock
  "55P03": "STORE_BUSY", // lock timeout
  "55000": "STORE_UNAVAILABLE", // the database takes no connections
  "57014": "STORE_BUSY", // statement timeout
};
const POSTGRES_CLASSES: Readonly<Record<string, ErrorCode>> = {
  "08": "STORE_UNAVAILABLE", // connection
  "28": "STORE_UNAVAILABLE", // credentials
  "3D": "STORE_UNAVAILABLE", // no such database
  "53": "STORE_UNAVAILABLE", // disk full, too many connections
  "57": "STORE_UNAVAILABLE", // shutting down
  "58": "STORE_UNAVAILABLE", // I/O
};

const UNREACHABLE = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "EPIPE",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOENT",
  "EACCES",
]);

/** pg reports a lost or unobtainable connection without a code. */
const LOST_CONNECTION = /connection terminated|timeout exceeded when trying to connect|server closed the connection/i;

const codeOf = (error: Error & { readonly code?: unknown; readonly errcode?: unknown }): ErrorCode | undefined => {
  if (error.code === "ERR_SQLITE_ERROR" && typeof error.errcode === "number") {
    return SQLITE_CODES[error.errcode & 0xff];
  }
  if (typeof error.code === "string") {
    if (UNREACHABLE.has(error.code)) return "STORE_UNAVAILABLE";
    if (/^[0-9A-Z]{5}$/.test(error.code)) {
      return POSTGRES_STATES[error.code] ?? POSTGRES_CLASSES[error.code.slice(0, 2)];
    }
  }
  return LOST_CONNECTION.test(error.message) ? "STORE_UNAVAILABLE" : undefined;
};

/** A driver's error in our words where a caller can act on it; anything else is a defect of ours and stays as it is. */
export const toStoreError = (error: unknown): unknown => {
  if (!(error instanceof Error) || error instanceof AirfleetError) return error;
  const code = codeOf(error);
  return code === undefined ? error : new AirfleetError(code, { reason: error.message }, { cause: error });
};
