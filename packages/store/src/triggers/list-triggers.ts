import type { StoreContext } from "../context.ts";
import { fromCursor, type StorePage, toCursor, toPage } from "../paging/cursor.ts";
import { subjectHash } from "../subjects/subject-hash.ts";
import { type StoredTrigger, toTrigger } from "./trigger.ts";
import type { TriggerQuery } from "./trigger-repository.ts";

/** A page of triggers, newest first. Each filter alone has its index; dropped triggers are in none of them. */
export const listTriggers = async (
  { db }: StoreContext,
  { limit, after, ...filter }: TriggerQuery,
): Promise<StorePage<StoredTrigger>> => {
  const [before] = after === undefined ? [] : fromCursor("triggers", filter, ["string"], after);
  const { instances, dagIds, states, requestId, actor, subject, created } = filter;
  if ([instances, dagIds, states].some((wanted) => wanted?.length === 0)) return { items: [], next: null };
  let rows = db
    .selectFrom("triggers")
    .selectAll()
    .where("dropped_at", "is", null)
    .orderBy("id", "desc")
    .limit(limit + 1);
  if (before !== undefined) rows = rows.where("id", "<", String(before));
  if (instances !== undefined) rows = rows.where("instance_id", "in", instances);
  if (dagIds !== undefined) rows = rows.where("dag_id", "in", dagIds);
  if (states !== undefined) rows = rows.where("state", "in", states);
  if (requestId !== undefined) rows = rows.where("request_id", "=", requestId);
  if (actor !== undefined) rows = rows.where("actor", "=", actor);
  if (subject !== undefined) {
    rows = rows.where("id", "in", (eb) =>
      eb
        .selectFrom("trigger_subjects")
        .innerJoin("subjects", "subjects.id", "trigger_subjects.subject_pk")
        .select("trigger_subjects.trigger_id")
        .where("subjects.hash", "=", subjectHash(subject)),
    );
  }
  if (created?.from !== undefined) rows = rows.where("created_at", ">=", created.from);
  if (created?.to !== undefined) rows = rows.where("created_at", "<", created.to);
  const cursor = (last: { readonly id: string }): string => toCursor("triggers", filter, [last.id]);
  return toPage(await rows.execute(), limit, { item: toTrigger, cursor });
};
