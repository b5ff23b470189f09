import { defineErrors } from "./definition.ts";

/** What can go wrong in our own house: configuration, store, keys. */
export const houseErrors = defineErrors({
  AUDIT_CHAIN_BROKEN: { status: 500, retryable: false, message: "The audit trail was changed at row {seq}: {reason}." },
  BACKUP_FAILED: { status: 500, retryable: true, message: "The backup {file} cannot be written: {reason}." },
  BACKUP_INVALID: {
    status: 422,
    retryable: false,
    message: "{file} cannot be restored: {reason}. Nothing was changed.",
  },
  CONFIG_FILE_INVALID: { status: 422, retryable: false, message: "{file} cannot be used: {summary}." },
  CONFIG_FILE_UNREADABLE: { status: 422, retryable: false, message: "{file} cannot be read: {reason}." },
  CONFIG_SOURCES_CLASH: {
    status: 422,
    retryable: false,
    message: 'Instance "{instance}" is defined in {first} and in {second}. Keep one of them.',
  },
  DATA_DIR_LOCKED: {
    status: 503,
    retryable: true,
    message: "The data directory {path} is used by process {pid}. Stop it, or choose another --data-dir.",
  },
  IDEMPOTENCY_KEY_OUTSTANDING: {
    status: 409,
    retryable: true,
    message: 'The first request with Idempotency-Key "{key}" is still being carried out. Ask again in a moment.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    retryable: false,
    message: 'Idempotency-Key "{key}" was used before with another request. Use a new key.',
  },
  INTERNAL: {
    status: 500,
    retryable: false,
    message: "Something went wrong inside Airfleet. Quote request {request_id} when you report it.",
  },
  LISTEN_FAILED: {
    status: 500,
    retryable: false,
    message: "Nothing can listen on {host}:{port}: {reason}. Stop what is there, or choose another --port.",
  },
  SECRET_KEY_INVALID: {
    status: 500,
    retryable: false,
    message: "The secret key from {source} is not 32 bytes in base64 or hex. Make one with: openssl rand -base64 32",
  },
  SECRET_KEY_MISSING: {
    status: 500,
    retryable: false,
    message:
      "AIRFLEET_SECRET_KEY (or AIRFLEET_SECRET_KEY_FILE) is needed with PostgreSQL. Make one with: openssl rand -base64 32",
  },
  SECRET_KEY_WRONG: {
    status: 500,
    retryable: false,
    message: "The secret key ({given}) is not the one this store was written with ({expected}).",
  },
  SECRET_UNAVAILABLE: { status: 422, retryable: false, message: "The secret {reference} cannot be read: {reason}." },
  SIMULATION_INVALID: {
    status: 422,
    retryable: false,
    message: "The simulated fleet cannot be built: {subject} {reason}.",
  },
  STORE_BUSY: { status: 503, retryable: true, message: "The store did not answer in time: {reason}. Try again." },
  STORE_DAMAGED: {
    status: 500,
    retryable: false,
    message: "The store is damaged: {reason}. Restore the last backup with: airfleet restore <file>",
  },
  STORE_NEWER: {
    status: 500,
    retryable: false,
    message: "The store was written by a newer Airfleet (migration {found}, we know {known}). Upgrade Airfleet.",
  },
  STORE_NOT_EMPTY: {
    status: 409,
    retryable: false,
    message: "The store already holds data ({table}). Restore into a new data directory or an empty database.",
  },
  STORE_UNAVAILABLE: { status: 503, retryable: true, message: "The store cannot be reached: {reason}." },
});
