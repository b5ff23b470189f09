import type { StateWords, SubjectRef } from "@airfleet/model";
import type { Store, StoredSubject } from "@airfleet/store";
import type { JsonObject } from "@airfleet/store";

/** Subjects that a message names; it says how many there are. */
export const SUBJECTS_TOLD = 100;

const isoOrNull = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

const wordOf = (state: StoredSubject["state"], words: StateWords): string =>
  state === "none" || state === "pending" ? state : words[state];

const toSummary = (ref: SubjectRef, found: StoredSubject | undefined, words: StateWords): JsonObject => {
  const { type, id } = ref;
  if (found === undefined) return { type, id };
  const success = found.lastSuccess;
  return {
    type,
    id,
    ...(found.label !== null && { label: found.label }),
    ...(found.url !== null && { url: found.url }),
    state: found.state,
    state_word: wordOf(found.state, words),
    last_success:
      success === null
        ? null
        : {
            id: success.key,
            instance: success.instance,
            dag_id: success.dagId,
            dag_run_id: success.runId,
            ended_at: isoOrNull(success.endedAt),
          },
  };
};

/**
 * What the owner of these subjects wants to know of each.
 *
 * @param instances Those that the receiver may know of; undefined means all.
 */
export const summariseSubjects = async (
  store: Pick<Store, "subjects">,
  refs: readonly SubjectRef[],
  { words, instances }: { readonly words: StateWords; readonly instances: readonly string[] | undefined },
): Promise<readonly JsonObject[]> => {
  const found = await store.subjects.findMany(refs, instances);
  return refs.map((ref, index) => toSummary(ref, found[index], words));
};
