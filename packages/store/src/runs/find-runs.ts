import type { RunKey } from "@airfleet/model";
import type { Kysely, Transaction } from "kysely";
import type { Database } from "../schema.ts";
import { firstSubjects } from "./first-subjects.ts";
import type { StoredRun } from "./run-repository.ts";
import { type RunRow, toStoredRun } from "./run-row.ts";

type Db = Kysely<Database> | Transaction<Database>;

/** Rows with the first of their subjects, in the order given. */
export const toStoredRuns = async (db: Db, rows: readonly RunRow[]): Promise<readonly StoredRun[]> => {
  const subjects = await firstSubjects(db, rows);
  return rows.map((row) => toStoredRun(row, subjects.get(row.id) ?? []));
};

/** In no order; runs that are not known are left out. */
export const findRunRows = async (db: Db, keys: readonly RunKey[]): Promise<readonly RunRow[]> =>
  keys.length === 0 ? [] : db.selectFrom("runs").selectAll().where("key", "in", keys).execute();

export const findRun = async (db: Db, key: RunKey): Promise<StoredRun | undefined> =>
  (await toStoredRuns(db, await findRunRows(db, [key])))[0];

/** The number of a run. */
export const findRunPk = async (db: Db, key: RunKey): Promise<number | undefined> =>
  (await db.selectFrom("runs").select("id").where("key", "=", key).executeTakeFirst())?.id;
