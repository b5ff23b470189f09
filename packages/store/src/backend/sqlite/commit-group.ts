import type { DatabaseSync } from "node:sqlite";

/** Writers that are put on the disk together, at most; then the next ones wait for that. */
const LARGEST_GROUP = 200;

interface Reader {
  readonly read: () => void;
  readonly refuse: (error: unknown) => void;
}

interface Writer {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The one transaction of SQLite that several of ours share, each as a savepoint.
 *
 * A commit waits for the disk, some milliseconds, and in SQLite one waits after the other. So a transaction of ours that
 * is over waits a turn of the event loop for others, and all of them are committed at once. None is told that it is done
 * before that commit, and nobody outside reads what is not committed yet: readers that come meanwhile are answered right
 * after it, before anybody writes again. When the commit fails, all of the group fail.
 */
export class CommitGroup {
  readonly #database: DatabaseSync;
  readonly #writers: Writer[] = [];
  readonly #readers: Reader[] = [];
  #failure: unknown;
  /** Its turn to be committed has come: nobody joins any more. */
  isDue = false;

  /** Begins IMMEDIATE: a deferred transaction that reads first and writes later fails at once when another process has written. */
  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec("begin immediate");
  }

  get isFull(): boolean {
    return this.#writers.length >= LARGEST_GROUP;
  }

  /** A writer of the group is done; answers once it is on the disk. */
  join(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => this.#writers.push({ resolve, reject }));
  }

  /** Reads right after the commit. */
  readAfter<T>(read: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#readers.push({
        read: () => resolve(read()),
        refuse: reject,
      });
    });
  }

  /** Puts it on the disk, and tells everybody. */
  commit(): void {
    try {
      if (this.#failure === undefined) this.#database.exec("commit");
    } catch (error) {
      this.fail(error);
    }
    for (const writer of this.#writers.splice(0)) writer.resolve();
    for (const { read, refuse } of this.#readers.splice(0)) {
      try {
        read();
      } catch (error) {
        refuse(error);
      }
    }
  }

  /** Nothing of the group is kept: SQLite has rolled it back (disk full, I/O error), or must. */
  fail(error: unknown): void {
    this.#failure = error;
    if (this.#database.isTransaction) this.#database.exec("rollback");
    for (const writer of this.#writers.splice(0)) writer.reject(error);
  }

  /** Whether SQLite has ended it by itself; then everybody in it is told. */
  wasLost(error: unknown): boolean {
    if (this.#failure !== undefined) return true;
    if (this.#database.isTransaction) return false;
    this.fail(error);
    return true;
  }
}
