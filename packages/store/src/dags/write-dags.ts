import type { Dag, InstanceId } from "@airfleet/model";
import { type ExpressionBuilder, sql, type Transaction } from "kysely";
import type { StoreContext } from "../context.ts";
import { appendEvents } from "../events/events.ts";
import type { Database } from "../schema.ts";
import { toStorableText } from "../text/storable-text.ts";
import { type DagBefore, type DagNews, TOLD_COLUMNS } from "./dag-news.ts";
import { type DagContent, searchedText, toContent } from "./dag-row.ts";

/** Engines parse a file every half minute; that alone is written at most this often. */
const PARSE_TIME_MS = 600_000;

interface KnownDag extends DagBefore {
  readonly dag_id: string;
  readonly content_hash: string;
  readonly observed_at: number;
  readonly last_parsed_at: string | null;
}

/** Where the DAGs are written, and what is told of it in the same transaction. */
interface Writing {
  readonly trx: Transaction<Database>;
  readonly context: Pick<StoreContext, "newId" | "clock">;
  readonly instance: InstanceId;
  readonly news: DagNews;
}

const parsedLongAfter = (known: string | null, read: string | null): boolean =>
  read !== null && (known === null || Date.parse(read) - Date.parse(known) >= PARSE_TIME_MS);

const isChange = (known: KnownDag | undefined, content: DagContent, readAt: number): boolean => {
  if (known === undefined) return true;
  // Somebody looked later than this reading was begun, for instance after pausing: this one is out of date.
  if (known.observed_at > readAt) return false;
  return (
    known.gone_at !== null ||
    known.content_hash !== content.content_hash ||
    parsedLongAfter(known.last_parsed_at, content.last_parsed_at ?? null)
  );
};

/** Everything that a newer reading replaces, and what a return from the dead undoes. */
const REPLACED = [
  "display_name",
  "description",
  "is_paused",
  "is_stale",
  "has_import_errors",
  "file",
  "file_token",
  "bundle",
  "owners",
  "tags",
  "schedule",
  "schedule_description",
  "next_run",
  "last_parsed_at",
  "max_active_runs",
  "content_hash",
  "observed_at",
  "gone_at",
] as const;

const excluded = (eb: ExpressionBuilder<Database, "dags">) =>
  Object.fromEntries(REPLACED.map((column) => [column, eb.ref(`excluded.${column}` as never)]));

const replaceTags = async (trx: Transaction<Database>, instance: InstanceId, dags: readonly Dag[]): Promise<void> => {
  const ids = dags.map(({ dagId }) => dagId);
  await trx.deleteFrom("dag_tags").where("instance_id", "=", instance).where("dag_id", "in", ids).execute();
  const rows = dags.flatMap(({ dagId, tags }) =>
    [...new Set(tags.map(toStorableText))].map((tag) => ({ instance_id: instance, dag_id: dagId, tag })),
  );
  if (rows.length > 0) await trx.insertInto("dag_tags").values(rows).execute();
};

const replaceTexts = async (trx: Transaction<Database>, instance: InstanceId, dags: readonly Dag[]): Promise<void> => {
  await trx
    .insertInto("dag_texts")
    .values(dags.map((dag) => ({ instance_id: instance, dag_id: dag.dagId, folded_text: searchedText(dag) })))
    .onConflict((conflict) =>
      conflict.columns(["dag_id", "instance_id"]).doUpdateSet({ folded_text: sql`excluded.folded_text` }),
    )
    .execute();
};

/**
 * Writes those of `dags` that a reading begun at `readAt` found changed, with the events about it; the others cost a
 * comparison.
 *
 * @returns The DAGs that were written.
 */
export const writeDags = async (
  { trx, context, instance, news }: Writing,
  dags: readonly Dag[],
  readAt: number,
): Promise<readonly Dag[]> => {
  // A page that moved under the reader may name a DAG twice, which one insert cannot; the later mention counts.
  const unique = new Map(dags.map((dag) => [dag.dagId as string, { dag, content: toContent(instance, dag) }]));
  if (unique.size === 0) return [];
  const rows = await trx
    .selectFrom("dags")
    .select(["dag_id", "content_hash", "observed_at", "gone_at", "last_parsed_at", ...TOLD_COLUMNS])
    .where("instance_id", "=", instance)
    .where("dag_id", "in", [...unique.keys()])
    .execute();
  const known = new Map(rows.map((row) => [row.dag_id, row]));
  const changed = [...unique.values()].filter(({ content }) => isChange(known.get(content.dag_id), content, readAt));
  if (changed.length === 0) return [];

  await trx
    .insertInto("dags")
    .values(changed.map(({ content }) => ({ ...content, first_seen_at: readAt, observed_at: readAt, gone_at: null })))
    .onConflict((conflict) => conflict.columns(["dag_id", "instance_id"]).doUpdateSet(excluded))
    .execute();
  const written = changed.map(({ dag }) => dag);
  await replaceTags(trx, instance, written);
  await replaceTexts(trx, instance, written);
  const notes = written.flatMap((dag) => news.written(known.get(dag.dagId), dag) ?? []);
  await appendEvents(trx, context, notes);
  return written;
};
