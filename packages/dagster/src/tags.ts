/** Carries our run id: Dagster chooses its own. Re-executions copy it, so that they stay one run to us. */
export const RUN_ID_TAG = "airfleet/run_id";
/** Names one launch: of those with the same only the oldest may work. A re-execution gets a new one. */
export const LAUNCH_ID_TAG = "airfleet/launch_id";
/** On jobs whose steps have our guard and take their conf from the resource `airfleet`. */
export const RUNTIME_TAG = "airfleet/runtime";
export const NOTE_TAG = "airfleet/note";
/** The resource through which such jobs are given their conf. */
export const CONF_RESOURCE = "airfleet";

/** One tag of a job or a run. */
export interface Tag {
  readonly key: string;
  readonly value: string;
}

export const tagOf = (tags: readonly Tag[], key: string): string | undefined =>
  tags.find((tag) => tag.key === key)?.value;

/** A job's tags as a list of words: `team:x`, or the key alone. Dagster's own and our mark are left out. */
export const toTagWords = (tags: readonly Tag[]): string[] =>
  tags
    .filter(({ key }) => !/^\.?dagster\//.test(key) && key !== RUNTIME_TAG)
    .map(({ key, value }) => (value === "" ? key : `${key}:${value}`))
    .sort();
