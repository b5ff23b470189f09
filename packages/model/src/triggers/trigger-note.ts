/** Longest note that Airflow keeps. */
export const NOTE_LIMIT = 1_000;

/**
 * The note of a run, saying which project asked for it, as the fifth seed's: `<note> | Triggered using Airfleet from
 * <project>`. Without a project the note stays as it is. What is too long gives way, so that the project stays.
 */
export const toTriggerNote = (note: string | undefined, project: string | undefined): string | undefined => {
  if (project === undefined) return note;
  const origin = `Triggered using Airfleet from ${project}`;
  if (note === undefined || note === "") return origin;
  const room = NOTE_LIMIT - origin.length - 3;
  return `${note.length > room ? `${note.slice(0, room - 1)}…` : note} | ${origin}`;
};
