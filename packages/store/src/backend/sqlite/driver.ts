import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { CompiledQuery, type DatabaseConnection, type Driver, type QueryResult } from "kysely";
import { createStatementCache, type StatementCache } from "./statement-cache.ts";

/**
 * SQLite answers within the call, so a loop over statements awaits nothing that lets sockets and timers have their turn.
 * After this long the next one waits for them first.
 */
const LONGEST_TURN_MS = 10;

const toInput = (value: unknown): SQLInputValue => {
  if (typeof value === "boolean") return value ? 1 : 0;
  return value as SQLInputValue;
};

class SqliteConnection implements DatabaseConnection {
  readonly #statements: StatementCache;

  constructor(statements: StatementCache) {
    this.#statements = statements;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { statement, answersRows } = this.#statements.get(query.sql);
    const parameters = query.parameters.map(toInput);
    if (answersRows) return { rows: statement.all(...parameters) as R[] };
    const { changes } = statement.run(...parameters);
    return { rows: [], numAffectedRows: BigInt(changes) };
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    const { statement } = this.#statements.get(query.sql);
    for (const row of statement.iterate(...query.parameters.map(toInput))) yield { rows: [row as R] };
  }
}

/**
 * Kysely over `node:sqlite`: one connection, which Kysely hands to one caller at a time.
 *
 * Transactions begin IMMEDIATE: a deferred one that reads first and writes later fails at once, without waiting, when
 * another connection has written in between.
 */
export class SqliteDriver implements Driver {
  readonly #database: DatabaseSync;
  readonly #statements: StatementCache;
  readonly #connection: SqliteConnection;
  #turnBegan = 0;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#statements = createStatementCache(database);
    this.#connection = new SqliteConnection(this.#statements);
  }

  async init(): Promise<void> {
    return undefined;
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    if (performance.now() - this.#turnBegan > LONGEST_TURN_MS) {
      await nextTurn();
      this.#turnBegan = performance.now();
    }
    return this.#connection;
  }

  async beginTransaction(): Promise<void> {
    await this.#connection.executeQuery(CompiledQuery.raw("begin immediate"));
  }

  async commitTransaction(): Promise<void> {
    await this.#connection.executeQuery(CompiledQuery.raw("commit"));
  }

  async rollbackTransaction(): Promise<void> {
    // A full disk or an I/O error ends the transaction by itself; a second rollback would hide that error.
    if (this.#database.isTransaction) await this.#connection.executeQuery(CompiledQuery.raw("rollback"));
  }

  async releaseConnection(): Promise<void> {
    return undefined;
  }

  async destroy(): Promise<void> {
    this.#statements.clear();
    if (this.#database.isOpen) this.#database.close();
  }
}
