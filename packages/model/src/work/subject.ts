/** A business object that runs are about, named by its owner: `finding-aid` `123`. */
export interface SubjectRef {
  /** Lower-case word of the owner's choice, see {@link SUBJECT_TYPE_PATTERN}. */
  readonly type: string;
  /** Any text of 1 to {@link SUBJECT_ID_LIMIT} characters, slashes and all scripts included. */
  readonly id: string;
  /** What people call it; null or absent leaves what is known. */
  readonly label?: string | null;
  /** The owner's page about it, http or https. */
  readonly url?: string | null;
}

export const SUBJECT_TYPE_PATTERN = /^[a-z][a-z0-9_.-]{0,63}$/;
export const SUBJECT_ID_LIMIT = 2_000;
/** A bulk run may be about this many. */
export const SUBJECTS_PER_RUN = 100_000;
