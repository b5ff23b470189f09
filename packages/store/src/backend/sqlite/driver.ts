import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from "kysely";
import { CommitGroup } from "./commit-group.ts";
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

/** The database as one caller holds it. It is given up as soon as the caller's work is done, before that is on the disk. */
class SqliteConnection implements DatabaseConnection {
  readonly driver: SqliteDriver;
  isHeld = true;
  /** The group that its transaction is part of. */
  group: CommitGroup | undefined;

  constructor(driver: SqliteDriver) {
    this.driver = driver;
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return this.driver.execute<R>(this, query);
  }

  streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    return this.driver.stream<R>(this, query);
  }
}

/**
 * Kysely over `node:sqlite`: one connection, which is one caller's at a time; see `CommitGroup` for how callers share a
 * commit. A statement outside of a transaction is one of its own.
 */
export class SqliteDriver implements Driver {
  readonly #database: DatabaseSync;
  readonly #statements: StatementCache;
  readonly #waiting: (() => void)[] = [];
  #isTaken = false;
  #group: CommitGroup | undefined;
  #turnBegan = 0;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#statements = createStatementCache(database);
  }

  async init(): Promise<void> {
    return undefined;
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    await this.#take();
    if (performance.now() - this.#turnBegan > LONGEST_TURN_MS) {
      await nextTurn();
      this.#turnBegan = performance.now();
    }
    return new SqliteConnection(this);
  }

  async releaseConnection(connection: SqliteConnection): Promise<void> {
    this.#giveUp(connection);
  }

  async beginTransaction(connection: SqliteConnection): Promise<void> {
    connection.group = this.#join();
    this.#database.exec("savepoint ours");
  }

  async commitTransaction(connection: SqliteConnection): Promise<void> {
    const group = this.#groupOf(connection);
    this.#database.exec("release ours");
    const isKept = group.join();
    connection.group = undefined;
    this.#giveUp(connection);
    await isKept;
  }

  async rollbackTransaction(connection: SqliteConnection): Promise<void> {
    const { group } = connection;
    connection.group = undefined;
    // A full disk or an I/O error ends everything by itself; a rollback after that would hide the error.
    if (group === this.#group && this.#database.isTransaction) this.#database.exec("rollback to ours; release ours");
    this.#giveUp(connection);
  }

  async execute<R>(connection: SqliteConnection, query: CompiledQuery): Promise<QueryResult<R>> {
    if (!connection.isHeld) {
      await this.#take();
      connection.isHeld = true;
    }
    if (connection.group !== undefined) {
      const group = this.#groupOf(connection);
      return this.#within(group, () => this.#run<R>(query));
    }
    if (this.#statements.get(query.sql).isRead) {
      if (this.#group === undefined) return this.#run(query);
      const answer = this.#group.readAfter(() => this.#run<R>(query));
      this.#giveUp(connection);
      return await answer;
    }
    const group = this.#join();
    const result = this.#within(group, () => this.#run<R>(query));
    const isKept = group.join();
    this.#giveUp(connection);
    await isKept;
    return result;
  }

  async *stream<R>(connection: SqliteConnection, query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    if (connection.group === undefined) this.#commit();
    const { statement } = this.#statements.get(query.sql);
    for (const row of statement.iterate(...query.parameters.map(toInput))) yield { rows: [row as R] };
  }

  async destroy(): Promise<void> {
    this.#commit();
    this.#statements.clear();
    if (this.#database.isOpen) this.#database.close();
  }

  #run<R>(query: CompiledQuery): QueryResult<R> {
    const { statement, answersRows } = this.#statements.get(query.sql);
    const parameters = query.parameters.map(toInput);
    if (answersRows) return { rows: statement.all(...parameters) as R[] };
    const { changes } = statement.run(...parameters);
    return { rows: [], numAffectedRows: BigInt(changes) };
  }

  #within<T>(group: CommitGroup, work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (group.wasLost(error)) this.#group = undefined;
      throw error;
    }
  }

  /** The group of a transaction in progress. @throws when it was rolled back under it */
  #groupOf({ group }: SqliteConnection): CommitGroup {
    if (group === undefined || group !== this.#group) throw new Error("the transaction was rolled back");
    return group;
  }

  #join(): CommitGroup {
    if (this.#group === undefined) {
      this.#group = new CommitGroup(this.#database);
      const group = this.#group;
      setImmediate(() => {
        group.isDue = true;
        if (!this.#isTaken) this.#next();
      });
    }
    return this.#group;
  }

  #commit(): void {
    const group = this.#group;
    this.#group = undefined;
    group?.commit();
  }

  async #take(): Promise<void> {
    if (!this.#isTaken) {
      this.#isTaken = true;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #giveUp(connection: SqliteConnection): void {
    if (!connection.isHeld) return;
    connection.isHeld = false;
    this.#isTaken = false;
    this.#next();
  }

  /** Commits when it is time, and lets the next one have the database. */
  #next(): void {
    if (this.#group?.isDue === true || this.#group?.isFull === true) this.#commit();
    const next = this.#waiting.shift();
    if (next === undefined) return;
    this.#isTaken = true;
    next();
  }
}
