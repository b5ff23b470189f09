/** How long a run may take to start before somebody looks why it does not. */
export const FIRST_LOOK_MS = 30_000;
/** A trigger that was sent and never answered is looked for this long after its time was over. */
export const FIND_OUT_FOR_MS = 86_400_000;
