import type { SubjectRef } from "@airfleet/model";
import { type Kysely, sql, type Transaction } from "kysely";
import { inChunks } from "../backend/chunks.ts";
import type { Database } from "../schema.ts";
import type { RunRow } from "./run-row.ts";

/** Subjects that come with a run; the others are asked for. */
export const FIRST_SUBJECTS = 20;

/** SQLite takes 500 terms in a compound select. */
const BULK_RUNS_AT_ONCE = 100;

type Db = Kysely<Database> | Transaction<Database>;
type Counted = Pick<RunRow, "id" | "subjects_total">;

interface NamedSubject {
  readonly run_pk: number;
  readonly type: string;
  readonly external_id: string;
  readonly label: string | null;
  readonly url: string | null;
}

const ofSmallRuns = async (db: Db, pks: readonly number[]): Promise<readonly NamedSubject[]> =>
  pks.length === 0
    ? []
    : db
        .selectFrom("run_subjects")
        .innerJoin("subjects", "subjects.id", "run_subjects.subject_pk")
        .select(["run_pk", "type", "external_id", "label", "url"])
        .where("run_pk", "in", pks)
        .execute();

/** Of a run with thousands of subjects only the first are read, not all of them and then sorted. */
const ofBulkRuns = async (db: Db, pks: readonly number[]): Promise<readonly NamedSubject[]> => {
  if (pks.length === 0) return [];
  const each = pks.map(
    (pk) =>
      sql`select * from (select run_pk, subject_pk from run_subjects where run_pk = ${pk} order by subject_pk limit ${FIRST_SUBJECTS}) as first_of_run`,
  );
  const { rows } = await sql<NamedSubject>`select run_pk, type, external_id, label, url
    from (${sql.join(each, sql` union all `)}) as links cross join subjects where subjects.id = links.subject_pk`.execute(
    db,
  );
  return rows;
};

/** A subject as it is told of: label and link only where there are some. */
export const toSubjectRef = (row: Omit<NamedSubject, "run_pk">): SubjectRef => ({
  type: row.type,
  id: row.external_id,
  label: row.label,
  url: row.url,
});

const inOrder = (left: SubjectRef, right: SubjectRef): number => {
  if (left.type !== right.type) return left.type < right.type ? -1 : 1;
  if (left.id === right.id) return 0;
  return left.id < right.id ? -1 : 1;
};

/** The first subjects of each run by its number, in order of type and id. */
export const firstSubjects = async (
  db: Db,
  runs: readonly Counted[],
): Promise<ReadonlyMap<number, readonly SubjectRef[]>> => {
  const few = runs.filter((run) => run.subjects_total > 0 && run.subjects_total <= FIRST_SUBJECTS);
  const bulk = runs.filter((run) => run.subjects_total > FIRST_SUBJECTS);
  const rows = [
    ...(await ofSmallRuns(
      db,
      few.map(({ id }) => id),
    )),
  ];
  for (const chunk of inChunks(bulk, BULK_RUNS_AT_ONCE)) {
    const pks = chunk.map(({ id }) => id);
    rows.push(...(await ofBulkRuns(db, pks)));
  }
  const byRun = Map.groupBy(rows, (row) => row.run_pk);
  return new Map([...byRun].map(([pk, group]) => [pk, group.map(toSubjectRef).toSorted(inOrder)]));
};
