/** A name as DuckDB and PostgreSQL read it: whatever it holds, it is one column or table. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A text as a literal. */
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Texts as a list of literals. */
export const quoteList = (texts: readonly string[]): string => `[${texts.map(quoteText).join(", ")}]`;
