import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { quoteList, quoteText } from "./quote.ts";

/** What one step may use. */
export interface InstanceLimits {
  readonly memory: string;
  readonly threads: number;
}

/** What DuckDB may touch: the folder of the try, and the files named here. */
export interface InstanceReach {
  readonly scratch: string;
  readonly files: readonly string[];
}

interface Opened {
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
}

const keyOf = ({ memory, threads }: InstanceLimits): string => `${memory} ${threads}`;

const create = async ({ memory, threads }: InstanceLimits): Promise<Opened> => {
  const instance = await DuckDBInstance.create(":memory:", { memory_limit: memory, threads: String(threads) });
  return { instance, connection: await instance.connect() };
};

/** An instance costs some 20 ms and cannot be given back its freedom: the next is made while nobody waits. */
let spare: { readonly key: string; readonly opened: Promise<Opened> } | undefined;

/** Makes the next instance now. */
export const warmUp = (limits: InstanceLimits): void => {
  if (spare?.key === keyOf(limits)) return;
  const opened = create(limits);
  // Whoever takes it hears of the failure.
  opened.catch(() => undefined);
  spare = { key: keyOf(limits), opened };
};

const take = (limits: InstanceLimits): Promise<Opened> => {
  const ready = spare;
  if (ready?.key !== keyOf(limits)) return create(limits);
  spare = undefined;
  return ready.opened;
};

/** DuckDB for one step, shut off from everything else for good: the statements are the same as in the Python runtime. */
export const openLocked = async (limits: InstanceLimits, reach: InstanceReach): Promise<Opened> => {
  const opened = await take(limits);
  try {
    const statements = [
      `set temp_directory = ${quoteText(reach.scratch)}`,
      `set allowed_directories = ${quoteList([reach.scratch])}`,
      `set allowed_paths = ${quoteList(reach.files)}`,
      "set autoinstall_known_extensions = false",
      "set autoload_known_extensions = false",
      "set enable_external_access = false",
      "set TimeZone = 'UTC'",
      "set lock_configuration = true",
    ];
    for (const statement of statements) await opened.connection.run(statement);
    return opened;
  } catch (error) {
    opened.connection.closeSync();
    opened.instance.closeSync();
    throw error;
  }
};
