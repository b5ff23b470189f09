/** Free text as both databases can hold it: PostgreSQL refuses NUL, and half a surrogate pair is no UTF-8. */
export const toStorableText = (text: string): string => text.replaceAll("\u0000", "\uFFFD").toWellFormed();

/** The same for text that may be absent. */
export const toStorableOrNull = (text: string | null | undefined): string | null =>
  text === null || text === undefined ? null : toStorableText(text);
