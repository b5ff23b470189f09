import { sql } from "kysely";
import type { StoreContext } from "../context.ts";
import type { Asker, JudgedRun, Place } from "./judge-run.ts";

/** A subject that a run is about, with what its row says. */
export interface AskingSubject {
  readonly runPk: number;
  readonly type: string;
  readonly id: string;
  readonly asker: Asker;
}

type Db = StoreContext["db"];

const nthOfSubject = async (db: Db, pk: number, n: number): Promise<Place | null> => {
  const { rows } = await sql<Place>`select l.due_at as due, l.run_pk as pk from run_subjects l cross join runs r
    where l.subject_pk = ${pk} and r.id = l.run_pk and r.state not in ('queued', 'running')
    order by l.due_at desc, l.run_pk desc limit 1 offset ${n - 1}`.execute(db);
  return rows[0] ?? null;
};

/** Asks once, however often it is wanted. */
const remembered = (ask: (n: number) => Promise<Place | null>): ((n: number) => Promise<Place | null>) => {
  const answers = new Map<number, Promise<Place | null>>();
  return (n) => {
    const answer = answers.get(n) ?? ask(n);
    answers.set(n, answer);
    return answer;
  };
};

/** The subjects of runs; of one run a part at a time, behind `after`, when a limit is given. */
export const readSubjects = async (
  db: Db,
  runPks: readonly number[],
  page?: { readonly after: number; readonly limit: number },
): Promise<{ readonly subjects: readonly AskingSubject[]; readonly last: number | undefined }> => {
  if (runPks.length === 0) return { subjects: [], last: undefined };
  let query = db
    .selectFrom("run_subjects")
    .innerJoin("subjects", "subjects.id", "run_subjects.subject_pk")
    .select([
      "run_pk",
      "subjects.id",
      "type",
      "external_id",
      "last_success_run",
      "last_success_due",
      "newest_run",
      "runs_total",
      "runs_active",
    ])
    .where("run_pk", "in", runPks);
  if (page !== undefined) query = query.where("subject_pk", ">", page.after).orderBy("subject_pk").limit(page.limit);
  const rows = await query.execute();
  const byPk = new Map<number, Asker>();
  const subjects = rows.map((row): AskingSubject => {
    const asker = byPk.get(row.id) ?? {
      lastSuccess: row.last_success_run === null ? null : { pk: row.last_success_run, due: row.last_success_due ?? 0 },
      newestRun: row.newest_run,
      finishedTotal: row.runs_total - row.runs_active,
      nthFinished: remembered((n) => nthOfSubject(db, row.id, n)),
    };
    byPk.set(row.id, asker);
    return { runPk: row.run_pk, type: row.type, id: row.external_id, asker };
  });
  return { subjects, last: rows.at(-1)?.id };
};

const FINISHED = ["success", "failed", "cancelled", "lost"] as const;
const ALL = [...FINISHED, "queued", "running"] as const;

/** The newest runs without subjects of a DAG on an instance; each state is a range of their own index. */
const newestAlone = async (
  db: Db,
  { instance, dagId }: Pick<JudgedRun, "instance" | "dagId">,
  states: readonly string[],
  page: { readonly limit: number; readonly offset: number },
): Promise<readonly Place[]> => {
  const each = states.map(
    (state) => sql`select * from (select due_at as due, id as pk from runs where subjects_total = 0
      and instance_id = ${instance} and dag_id = ${dagId} and state = ${state}
      order by due_at desc, id desc limit ${page.limit + page.offset}) as part`,
  );
  const { rows } = await sql<Place>`select due, pk from (${sql.join(each, sql` union all `)}) as places
    order by due desc, pk desc limit ${page.limit} offset ${page.offset}`.execute(db);
  return rows;
};

/** A DAG on an instance, as it speaks for its runs without subjects. */
export const readDag = async (db: Db, place: Pick<JudgedRun, "instance" | "dagId">): Promise<Asker> => {
  const first = { limit: 1, offset: 0 };
  const [lastSuccess = null] = await newestAlone(db, place, ["success"], first);
  const [newest] = await newestAlone(db, place, ALL, first);
  return {
    lastSuccess,
    newestRun: newest?.pk ?? null,
    finishedTotal: Number.POSITIVE_INFINITY,
    nthFinished: remembered(
      async (n) => (await newestAlone(db, place, FINISHED, { limit: 1, offset: n - 1 }))[0] ?? null,
    ),
  };
};
