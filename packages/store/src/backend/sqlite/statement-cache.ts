import type { DatabaseSync, StatementSync } from "node:sqlite";

/** A prepared statement, whether it answers rows, and whether it changes nothing. */
export interface CachedStatement {
  readonly statement: StatementSync;
  readonly answersRows: boolean;
  readonly isRead: boolean;
}

/** By its words, on the safe side: a statement that may write counts as one that does. */
const isRead = (text: string): boolean =>
  /^\s*(?:select|pragma|explain)\b/i.test(text) ||
  (/^\s*with\b/i.test(text) && !/\b(?:insert|update|delete|replace)\b/i.test(text));

/** Preparing costs more than most of our statements; a server uses some 150 different ones. */
const DEFAULT_SIZE = 256;

/** Keeps the statements used last, by their text. */
export const createStatementCache = (database: DatabaseSync, size = DEFAULT_SIZE) => {
  const statements = new Map<string, CachedStatement>();
  return {
    get(text: string): CachedStatement {
      const found = statements.get(text);
      if (found !== undefined) {
        statements.delete(text);
        statements.set(text, found);
        return found;
      }
      const statement = database.prepare(text);
      const cached = { statement, answersRows: statement.columns().length > 0, isRead: isRead(text) };
      statements.set(text, cached);
      if (statements.size > size) {
        const [oldest] = statements.keys();
        if (oldest !== undefined) statements.delete(oldest);
      }
      return cached;
    },
    clear(): void {
      statements.clear();
    },
  };
};

export type StatementCache = ReturnType<typeof createStatementCache>;
