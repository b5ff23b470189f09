import type { SubjectRef } from "@airfleet/model";
import type { Insertable, Transaction } from "kysely";
import { inTurns } from "../backend/chunks.ts";
import type { StoreContext } from "../context.ts";
import { foldText } from "../text/fold-text.ts";
import type { Database } from "../schema.ts";
import { toStorableOrNull, toStorableText } from "../text/storable-text.ts";
import { sortId, subjectHash } from "./subject-hash.ts";
import type { SubjectTable } from "./subject-tables.ts";

/** Rows per statement. */
const CHUNK = 1_000;
/** Ids whose hashes are made in one turn: some 10 ms. */
const HASHED_AT_ONCE = 5_000;

/** What of a subject a text search looks through is cut to this many characters of its id, and of its label. */
const SEARCHED_CHARACTERS = 300;

export const searchedText = (id: string, label: string | null): string =>
  foldText(`${id.slice(0, SEARCHED_CHARACTERS)}\n${(label ?? "").slice(0, SEARCHED_CHARACTERS)}`);

const toRow = (hash: string, ref: SubjectRef, now: number): Insertable<SubjectTable> => ({
  hash,
  type: ref.type,
  sort_id: sortId(ref.id),
  external_id: toStorableText(ref.id),
  label: toStorableOrNull(ref.label),
  url: toStorableOrNull(ref.url),
  folded_text: searchedText(ref.id, ref.label ?? null),
  first_seen_at: now,
  changed_at: now,
});

interface KnownSubject {
  readonly id: number;
  readonly hash: string;
  readonly label: string | null;
  readonly url: string | null;
}

const findKnown = async (trx: Transaction<Database>, hashes: readonly string[]): Promise<readonly KnownSubject[]> => {
  const known: KnownSubject[] = [];
  for await (const chunk of inTurns(hashes, CHUNK)) {
    const rows = trx.selectFrom("subjects").select(["id", "hash", "label", "url"]).where("hash", "in", chunk);
    known.push(...(await rows.orderBy("hash").execute()));
  }
  return known;
};

const isDescribedAnew = (known: KnownSubject, { label, url }: SubjectRef): boolean =>
  (typeof label === "string" && toStorableText(label) !== known.label) ||
  (typeof url === "string" && toStorableText(url) !== known.url);

const insertNew = async (
  trx: Transaction<Database>,
  hashes: readonly string[],
  toRows: (hash: string) => readonly Insertable<SubjectTable>[],
): Promise<void> => {
  for await (const chunk of inTurns(hashes, CHUNK)) {
    await trx
      .insertInto("subjects")
      .values(chunk.flatMap(toRows))
      .onConflict((conflict) => conflict.column("hash").doNothing())
      .execute();
  }
};

const redescribe = async (
  trx: Transaction<Database>,
  known: KnownSubject,
  ref: SubjectRef,
  now: number,
): Promise<void> => {
  const label = ref.label ?? known.label;
  await trx
    .updateTable("subjects")
    .set({
      label: toStorableOrNull(label),
      url: toStorableOrNull(ref.url ?? known.url),
      folded_text: searchedText(ref.id, label),
      changed_at: now,
    })
    .where("id", "=", known.id)
    .execute();
};

/**
 * Makes sure that these subjects exist, and takes in labels and links that are given.
 *
 * @returns Their numbers by hash.
 */
export const upsertSubjects = async (
  trx: Transaction<Database>,
  { clock }: Pick<StoreContext, "clock">,
  refs: readonly SubjectRef[],
): Promise<ReadonlyMap<string, number>> => {
  if (refs.length === 0) return new Map();
  const byHash = new Map<string, SubjectRef>();
  for await (const chunk of inTurns(refs, HASHED_AT_ONCE)) for (const ref of chunk) byHash.set(subjectHash(ref), ref);
  // In one order everywhere, so that two who make the same subjects wait for each other instead of forever.
  const hashes = [...byHash.keys()].toSorted();
  const known = await findKnown(trx, hashes);
  const now = clock();
  for (const subject of known) {
    const ref = byHash.get(subject.hash);
    if (ref !== undefined && isDescribedAnew(subject, ref)) await redescribe(trx, subject, ref, now);
  }
  const knownHashes = new Set(known.map(({ hash }) => hash));
  const missing = hashes.filter((hash) => !knownHashes.has(hash));
  const toRows = (hash: string): readonly Insertable<SubjectTable>[] => {
    const ref = byHash.get(hash);
    return ref === undefined ? [] : [toRow(hash, ref, now)];
  };
  await insertNew(trx, missing, toRows);
  const made = await findKnown(trx, missing);
  return new Map([...known, ...made].map(({ hash, id }) => [hash, id]));
};

/** The number of a subject; undefined for one that nobody has named. */
export const findSubjectPk = async (
  db: Pick<StoreContext["db"], "selectFrom">,
  name: Pick<SubjectRef, "type" | "id">,
): Promise<number | undefined> => {
  const row = await db.selectFrom("subjects").select("id").where("hash", "=", subjectHash(name)).executeTakeFirst();
  return row?.id;
};
