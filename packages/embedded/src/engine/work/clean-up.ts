import { readdirSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import type { EngineDatabase } from "../database/open-database.ts";
import type { Now } from "../instants.ts";
import type { Logger } from "../logger.ts";
import { logFolder } from "../logs/try-log.ts";
import { runFolder } from "./carry-out.ts";
import type { EngineLimits } from "./limits.ts";

const HOUR_MICROS = 3_600_000_000;
/** Folders that are deleted at a time, so that a great many do not hold up the work. */
const BATCH = 20;

export interface Cleaner {
  /** Deletes some of what is kept no longer; called every few seconds. */
  cleanSome(): void;
}

const sizeOf = (folder: string): number => {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) bytes += statSync(path.join(entry.parentPath, entry.name)).size;
  }
  return bytes;
};

const removeFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true });

interface Ended {
  readonly id: number;
}

/**
 * Keeps the disk bounded. Rows between steps go some time after their run, sooner when all together take too much room;
 * later the run's logs and its record.
 */
export const createCleaner = ({
  database,
  limits,
  now,
  logger,
}: {
  readonly database: EngineDatabase;
  readonly limits: EngineLimits;
  readonly now: Now;
  readonly logger: Logger;
}): Cleaner => {
  const sizes = new Map<number, number>();

  const dropFiles = (id: number): void => {
    removeFolder(runFolder(database.directory, id));
    database.transaction(() => database.run("update runs set has_files = 0 where id = ?", id));
    sizes.delete(id);
  };

  const expired = (at: number): readonly Ended[] =>
    database.all<Ended>(
      `select id from runs where has_files = 1 and
         ended_at < case state when 'success' then ? else ? end order by ended_at limit ?`,
      at - limits.keepHours * HOUR_MICROS,
      at - limits.keepFailedHours * HOUR_MICROS,
      BATCH,
    );

  /** Ended runs whose rows are too many, the oldest first. */
  const beyondRoom = (): readonly Ended[] => {
    const ended = database.all<Ended>(
      "select id from runs where has_files = 1 and ended_at is not null order by ended_at desc",
    );
    let bytes = 0;
    return ended
      .filter(({ id }) => {
        const size = sizes.get(id) ?? measured(id);
        sizes.set(id, size);
        bytes += size;
        return bytes > limits.keepBytes;
      })
      .slice(-BATCH);
  };

  const measured = (id: number): number => {
    try {
      return sizeOf(runFolder(database.directory, id));
    } catch {
      // Many runs leave no rows at all.
      return 0;
    }
  };

  const dropRuns = (at: number): void => {
    const old = database.all<Ended>(
      "select id from runs where has_files = 0 and ended_at < ? and state in ('success', 'failed') limit ?",
      at - limits.keepRunsHours * HOUR_MICROS,
      BATCH,
    );
    for (const { id } of old) {
      removeFolder(logFolder(database.directory, id));
      database.transaction(() => database.run("delete from runs where id = ?", id));
    }
  };

  return {
    cleanSome() {
      try {
        const at = now() * 1_000;
        for (const { id } of expired(at)) dropFiles(id);
        for (const { id } of beyondRoom()) dropFiles(id);
        dropRuns(at);
      } catch (error) {
        logger.warn({ err: error }, "the embedded engine cannot delete what is kept no longer");
      }
    },
  };
};
