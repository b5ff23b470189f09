import type { SubjectRef } from "@airfleet/model";
import { sql } from "kysely";
import { inChunks } from "../backend/chunks.ts";
import { retryConflict } from "../backend/retry-conflict.ts";
import type { StoreContext } from "../context.ts";
import { listRuns } from "../runs/list-runs.ts";
import { toStorableOrNull } from "../text/storable-text.ts";
import { listSubjects } from "./list-subjects.ts";
import { removeSubject } from "./remove-subject.ts";
import { toScopedSubject } from "./scoped-subject.ts";
import { subjectHash } from "./subject-hash.ts";
import type { StoredSubject, SubjectRepository } from "./subject-repository.ts";
import { toStoredSubjects } from "./subject-row.ts";
import { searchedText, upsertSubjects } from "./upsert-subjects.ts";

type SubjectName = Pick<SubjectRef, "type" | "id">;

/** Subjects per statement. */
const FOUND_AT_ONCE = 500;
/** Subjects of a type are counted up to this many. */
const MOST_COUNTED = 10_000;

export const createSubjectRepository = (context: StoreContext): SubjectRepository => {
  const { db, clock } = context;

  const findMany = async (
    refs: readonly SubjectName[],
    instances?: readonly string[],
  ): Promise<readonly (StoredSubject | undefined)[]> => {
    const found = new Map<string, StoredSubject>();
    for (const chunk of inChunks([...new Set(refs.map(subjectHash))], FOUND_AT_ONCE)) {
      const rows = await db.selectFrom("subjects").selectAll().where("hash", "in", chunk).execute();
      for (const [index, subject] of (await toStoredSubjects(db, rows)).entries()) {
        const row = rows[index];
        if (row === undefined) continue;
        const seen = instances === undefined ? subject : await toScopedSubject(context, subject, row.id, instances);
        if (seen !== undefined) found.set(row.hash, seen);
      }
    }
    return refs.map((ref) => found.get(subjectHash(ref)));
  };

  const find = async (ref: SubjectName, instances?: readonly string[]): Promise<StoredSubject | undefined> =>
    (await findMany([ref], instances))[0];

  return {
    find,
    findMany,
    list: (query) => listSubjects(context, query),
    runs: (ref, query) => listRuns(context, { ...query, subject: { type: ref.type, id: ref.id } }),
    remove: (ref) => removeSubject(context, ref),

    async types() {
      const types: { readonly type: string; readonly subjects: number }[] = [];
      for (let last = ""; ; ) {
        const next = db.selectFrom("subjects").select("type").where("type", ">", last).orderBy("type").limit(1);
        const row = await next.executeTakeFirst();
        if (row === undefined) return types;
        const some = db.selectFrom("subjects").select("id").where("type", "=", row.type).limit(MOST_COUNTED);
        const counted = await db
          .selectFrom(some.as("some"))
          .select(sql<number>`count(*)`.as("subjects"))
          .executeTakeFirstOrThrow();
        types.push({ type: row.type, subjects: counted.subjects });
        last = row.type;
      }
    },

    async describe(ref) {
      await retryConflict(() =>
        db.transaction().execute(async (trx) => {
          const [pk] = (await upsertSubjects(trx, context, [ref])).values();
          const { label, url } = ref;
          if (pk === undefined || (label !== null && url !== null)) return;
          await trx
            .updateTable("subjects")
            .set({
              ...(label === null ? { label: null, folded_text: searchedText(ref.id, null) } : {}),
              ...(url === null ? { url: toStorableOrNull(url) } : {}),
              changed_at: clock(),
            })
            .where("id", "=", pk)
            .execute();
        }),
      );
      const described = await find(ref);
      if (described === undefined) throw new Error(`the subject ${ref.type} was removed while it was described`);
      return described;
    },
  };
};
