import { createHash } from "node:crypto";
import { openRaw, type RawDatabase, type StorePlace } from "./raw-database.ts";

/** What a store is filled with. */
export interface Filling {
  readonly runs: number;
  /** Subjects with ten runs each. */
  readonly ordinary: number;
  /** Subjects with 5,000 runs each. */
  readonly busy: number;
}

const RUNS_PER_ORDINARY = 10;
const RUNS_PER_BUSY = 5_000;
/** The newest runs go on. */
const ACTIVE = 200;
const FIRST_DUE = 1_700_000_000_000;
const DUE_EVERY_MS = 10_000;
const SUBJECTS_PER_STATEMENT = 1_000;

/** Each run is about an ordinary subject and a busy one: two links each. */
export const fillingOf = (runs: number): Filling => ({
  runs,
  ordinary: runs / RUNS_PER_ORDINARY,
  busy: Math.max(1, runs / RUNS_PER_BUSY),
});

/** The subject with this number. */
export const subjectAt = (number: number, { ordinary }: Filling) =>
  number <= ordinary ? { type: "aid", id: `item/${number}` } : { type: "collection", id: `box/${number}` };

const dueAt = (run: string): string => `(${FIRST_DUE} + ${run} * ${DUE_EVERY_MS})`;
const isActive = (run: string, { runs }: Filling): string => `${run} > ${runs - ACTIVE}`;
const isFailed = (run: string, filling: Filling): string => `(${run} % 10 = 3 and not ${isActive(run, filling)})`;
const isSuccess = (run: string, filling: Filling): string => `(${run} % 10 <> 3 and not ${isActive(run, filling)})`;
const stateOf = (run: string, filling: Filling): string =>
  `case when ${isActive(run, filling)} then 'running' when ${run} % 10 = 3 then 'failed' else 'success' end`;

/** Whole numbers from 1 on, in both databases' words. */
const numbers = (last: number): string =>
  `(with recursive series(i) as (select cast(1 as bigint) union all select i + 1 from series where i < ${last}) select i from series) as n`;

const runRows = (filling: Filling): string => `
  insert into runs (id, key, instance_id, dag_id, run_id, state, partial, due_at, read_at, read_state, engine_state, type,
    logical_date, run_after, queued_at, started_at, ended_at, started_ms, ended_ms, discovered_by, subjects_total,
    observations_total, first_seen_at, changed_at, version_numbers, conf)
  select i, 'run_' || cast(i * 2654435761 % 4294967296 as text) || 'abcdefghijklmnopqrstuvwxyz234567abcdefgh',
    'sim-' || cast(i % 20 as text), 'dag_' || cast(i % 2000 as text), 'manual__' || cast(i as text),
    ${stateOf("i", filling)}, 0, ${dueAt("i")}, ${dueAt("i")}, ${stateOf("i", filling)}, ${stateOf("i", filling)}, 'manual',
    '2026-11-01T00:00:00Z', '2026-11-01T00:00:00Z', '2026-11-01T00:00:00Z', '2026-11-01T00:00:01Z',
    case when ${isActive("i", filling)} then null else '2026-11-01T00:05:00Z' end, ${dueAt("i")},
    case when ${isActive("i", filling)} then null else ${dueAt("i")} + 300000 end, 'poll', 2, 1, ${dueAt("i")}, ${dueAt("i")},
    '[]', '{"collection_id":' || cast(i % ${filling.ordinary} as text) || ',"mode":"publish"}'
  from ${numbers(filling.runs)}`;

const linkRows = ({ runs, ordinary, busy }: Filling): string => `
  insert into run_subjects (subject_pk, due_at, run_pk)
  select subject_pk, ${dueAt("i")}, i from (
    select 1 + (i * 7919) % ${ordinary} as subject_pk, i from ${numbers(runs)}
    union all select ${ordinary} + 1 + i % ${busy}, i from ${numbers(runs)}) as links
  order by 1, 2, 3`;

const confRows = ({ runs, ordinary }: Filling): string => `
  insert into run_conf (name, value, due_at, run_pk)
  select 'collection_id', cast(i % ${ordinary} as text), ${dueAt("i")}, i from ${numbers(runs)} order by 2, 3, 4`;

const historyRows = ({ runs }: Filling): string => `
  insert into observations (run_pk, number, at, recorded_at, source, kind, state, engine_state)
  select i, 1, ${dueAt("i")}, ${dueAt("i")}, 'poll', 'read', 'success', 'success' from ${numbers(runs)}`;

const quoted = (text: string): string => `'${text}'`;

const subjectRow = (number: number, filling: Filling): string => {
  const { type, id } = subjectAt(number, filling);
  const hash = createHash("sha256")
    .update(JSON.stringify([type, id]))
    .digest("base64url")
    .slice(0, 27);
  const label = `Item number ${number}`;
  const texts = [hash, type, id, id, label, `${id}\n${label}`.toLowerCase()].map(quoted);
  return `(${number}, ${texts.join(", ")}, ${FIRST_DUE}, ${FIRST_DUE})`;
};

const writeSubjects = async (raw: RawDatabase, filling: Filling): Promise<void> => {
  const last = filling.ordinary + filling.busy;
  for (let start = 1; start <= last; start += SUBJECTS_PER_STATEMENT) {
    const count = Math.min(SUBJECTS_PER_STATEMENT, last - start + 1);
    const rows = Array.from({ length: count }, (_, index) => subjectRow(start + index, filling));
    await raw.run(
      `insert into subjects (id, hash, type, sort_id, external_id, label, folded_text, first_seen_at, changed_at) values ${rows.join(", ")}`,
    );
  }
};

const newest = (wanted: string): string =>
  `(select run_pk from run_subjects l where l.subject_pk = subjects.id and ${wanted} order by due_at desc, run_pk desc limit 1)`;
const count = (wanted: string): string =>
  `(select count(*) from run_subjects l where l.subject_pk = subjects.id and ${wanted})`;

/** What observations would have summed up. */
const standings = (filling: Filling): readonly string[] => {
  const active = isActive("run_pk", filling);
  const failed = isFailed("run_pk", filling);
  const success = isSuccess("run_pk", filling);
  return [
    `update subjects set runs_total = ${count("1 = 1")}, runs_success = ${count(success)}, runs_failed = ${count(failed)},
      runs_active = ${count(active)}, newest_run = ${newest("1 = 1")}, current_run = ${newest(active)},
      finished_run = ${newest(`not (${active})`)}, last_success_run = ${newest(success)}, last_failure_run = ${newest(failed)}`,
    `update subjects set newest_due = ${dueAt("newest_run")}, current_due = ${dueAt("current_run")},
      finished_due = ${dueAt("finished_run")}, last_success_due = ${dueAt("last_success_run")},
      last_failure_due = ${dueAt("last_failure_run")}, last_success_ended = coalesce(${dueAt("last_success_run")} + 300000, 0),
      state = case when current_run is not null then 'running' when ${isFailed("finished_run", filling)} then 'failed' else 'success' end`,
    `insert into run_dags (instance_id, dag_id, last_success_run, last_success_due)
      select instance_id, dag_id, max(id), max(due_at) from runs where state = 'success' group by instance_id, dag_id`,
    `insert into open_failures (due_at, run_pk, instance_id, dag_id)
      select r.due_at, r.id, r.instance_id, r.dag_id from runs r left join run_dags d
      on d.instance_id = r.instance_id and d.dag_id = r.dag_id
      where r.state = 'failed' and r.due_at >= coalesce(d.last_success_due, 0)`,
  ];
};

const FILLED = ["runs", "run_subjects", "run_conf", "observations", "subjects"] as const;

/** Fills an empty store with runs, links and subjects as the years would have. */
export const fillStore = async (place: StorePlace, filling: Filling): Promise<void> => {
  await using raw = await openRaw(place);
  const indexes = [];
  for (const table of FILLED) indexes.push(...(await raw.indexes(table)));
  for (const { name } of indexes) await raw.run(`drop index ${name}`);
  await raw.run("begin");
  for (const rows of [runRows, linkRows, confRows, historyRows]) await raw.run(rows(filling));
  await writeSubjects(raw, filling);
  for (const statement of standings(filling)) await raw.run(statement);
  await raw.run("commit");
  for (const { definition } of indexes) await raw.run(definition);
  // PostgreSQL does both by itself soon after such a change; SQLite's plans must do without.
  if ("url" in place) await raw.run("vacuum analyze");
};
