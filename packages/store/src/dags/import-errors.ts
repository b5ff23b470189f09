import { type ImportError, type InstanceId, toInstanceId } from "@airfleet/model";
import type { Insertable, Selectable } from "kysely";
import type { StoreContext } from "../context.ts";
import type { ImportErrorTable } from "../schema.ts";
import { toStorableOrNull, toStorableText } from "../text/storable-text.ts";

/** A file that an instance could not parse. */
export interface StoredImportError extends ImportError {
  readonly instance: InstanceId;
  /** When the reading was begun that first showed it like this, epoch milliseconds. */
  readonly observedAt: number;
}

/** Import errors as last read. */
export interface ImportErrorRepository {
  /** By instance, then file. */
  list(instances?: readonly InstanceId[]): Promise<readonly StoredImportError[]>;
  /** Replaces those of an instance by a full reading begun at `readAt`. @returns Whether anything changed. */
  replace(instance: InstanceId, errors: readonly ImportError[], readAt: number): Promise<boolean>;
}

type Row = Selectable<ImportErrorTable>;

const fromRow = (row: Row): StoredImportError => ({
  instance: toInstanceId(row.instance_id),
  id: row.error_id,
  file: row.file,
  bundle: row.bundle,
  stackTrace: row.stack_trace,
  at: row.at,
  observedAt: row.observed_at,
});

const toRow = (instance: InstanceId, error: ImportError, readAt: number): Insertable<ImportErrorTable> & Row => ({
  instance_id: instance,
  error_id: error.id,
  file: toStorableText(error.file),
  bundle: toStorableOrNull(error.bundle),
  stack_trace: toStorableText(error.stackTrace),
  at: error.at,
  observed_at: readAt,
});

const isSame = (left: Row, right: Row): boolean =>
  left.file === right.file &&
  left.bundle === right.bundle &&
  left.stack_trace === right.stack_trace &&
  left.at === right.at;

export const createImportErrorRepository = ({ db }: StoreContext): ImportErrorRepository => ({
  async list(instances) {
    if (instances?.length === 0) return [];
    const all = db.selectFrom("import_errors").selectAll().orderBy("instance_id").orderBy("file").orderBy("error_id");
    return (await (instances === undefined ? all : all.where("instance_id", "in", instances)).execute()).map(fromRow);
  },

  replace: (instance, errors, readAt) =>
    db.transaction().execute(async (trx) => {
      const known = await trx.selectFrom("import_errors").selectAll().where("instance_id", "=", instance).execute();
      const wanted = new Map(errors.map((error) => [error.id, toRow(instance, error, readAt)]));
      const same = new Set<string>();
      for (const row of known) {
        const next = wanted.get(row.error_id);
        if (next !== undefined && isSame(row, next)) same.add(row.error_id);
      }
      const outdated = known.filter(({ error_id }) => !same.has(error_id)).map(({ error_id }) => error_id);
      const added = [...wanted.values()].filter(({ error_id }) => !same.has(error_id));
      if (outdated.length > 0) {
        await trx
          .deleteFrom("import_errors")
          .where("instance_id", "=", instance)
          .where("error_id", "in", outdated)
          .execute();
      }
      if (added.length > 0) await trx.insertInto("import_errors").values(added).execute();
      return outdated.length > 0 || added.length > 0;
    }),
});
