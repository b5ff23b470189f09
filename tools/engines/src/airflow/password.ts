import { randomBytes, scryptSync } from "node:crypto";
import { withConnection } from "../postgres/databases.ts";
import { ADMIN } from "./profile.ts";

/** A password for one engine, easy to copy and to type. */
export const generatePassword = (): string => randomBytes(8).toString("hex");

/** Parameters of Werkzeug 2.3 and later (`generate_password_hash`), which Airflow 2.11 checks basic authentication with. */
const COST = 32_768;
const BLOCK_SIZE = 8;
const PARALLELISM = 1;
const HASH_BYTES = 64;
/** Node's default bound of 32 MiB is just what this cost needs, and refuses it. */
const MEMORY_BOUND_BYTES = 64 * 1024 * 1024;

/** The hash that Airflow 2 stores for a password: the salt enters as text. */
export const hashPassword = (password: string, salt = randomBytes(12).toString("hex")): string => {
  const options = { N: COST, r: BLOCK_SIZE, p: PARALLELISM, maxmem: MEMORY_BOUND_BYTES };
  return `scrypt:${COST}:${BLOCK_SIZE}:${PARALLELISM}$${salt}$${scryptSync(password, salt, HASH_BYTES, options).toString("hex")}`;
};

/** Gives the admin of an Airflow 2 database this password. Doing it here spares a start of `airflow users`, four seconds. */
export const setAdminPassword = (databaseUrl: string, password: string): Promise<void> =>
  withConnection(databaseUrl, async (client) => {
    const result = await client.query("UPDATE ab_user SET password = $1 WHERE username = $2", [
      hashPassword(password),
      ADMIN,
    ]);
    if (result.rowCount !== 1) throw new Error(`The template database has no user ${ADMIN}.`);
  });
