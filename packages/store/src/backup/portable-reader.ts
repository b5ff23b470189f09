import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import { BACKUP_TABLES, type BackupRow, type BackupTable, BATCH } from "./snapshot.ts";
import { Header, Mark, RowLine } from "./portable-format.ts";

/** Rows of one table, in a batch. */
export interface TableBatch {
  readonly table: BackupTable;
  readonly rows: readonly BackupRow[];
}

interface OpenTable {
  readonly table: BackupTable;
  readonly columns: readonly string[];
  readonly hash: Hash;
  count: number;
  batch: BackupRow[];
}

const toTable = (name: string): BackupTable => {
  const table = BACKUP_TABLES.find((known) => known === name);
  if (table === undefined) throw new Error(`it has a table "${name}" that we do not know`);
  return table;
};

const toRow = ({ columns, table }: OpenTable, line: string): BackupRow => {
  const values = RowLine.parse(JSON.parse(line));
  if (values.length !== columns.length) throw new Error(`a row of ${table} has ${values.length} values`);
  return Object.fromEntries(columns.map((column, index) => [column, values[index] ?? null]));
};

const checkFoot = (
  open: OpenTable | undefined,
  foot: { readonly end: string; readonly rows: number; readonly sha256: string },
) => {
  if (open === undefined || open.table !== foot.end) throw new Error(`the end of ${foot.end} is out of place`);
  if (open.count !== foot.rows) throw new Error(`${foot.end} has ${open.count} rows instead of ${foot.rows}`);
  if (open.hash.digest("hex") !== foot.sha256) throw new Error(`the checksum of ${foot.end} is wrong`);
};

/**
 * Reads a portable backup: first its header, then its rows, checking numbers and checksums on the way. Fails when the
 * file does not end where it says.
 */
export async function* readPortable(file: string): AsyncGenerator<Header | TableBatch> {
  const source = createReadStream(file);
  const unzipped = createGunzip();
  source.on("error", (error) => unzipped.destroy(error));
  const lines = createInterface({ input: source.pipe(unzipped), crlfDelay: Infinity });
  let header: Header | undefined;
  let open: OpenTable | undefined;
  let isComplete = false;
  // readline ends quietly when its input fails.
  let failure: Error | undefined;
  unzipped.on("error", (error) => {
    failure = error;
    lines.close();
  });
  try {
    for await (const line of lines) {
      if (header === undefined) {
        header = Header.parse(JSON.parse(line));
        yield header;
      } else if (line.startsWith("[")) {
        if (open === undefined) throw new Error("it has a row outside of a table");
        open.hash.update(`${line}\n`);
        open.count += 1;
        open.batch.push(toRow(open, line));
        if (open.batch.length < BATCH) continue;
        yield { table: open.table, rows: open.batch };
        open.batch = [];
      } else {
        const mark = Mark.parse(JSON.parse(line));
        if ("columns" in mark) {
          if (open !== undefined) throw new Error(`${open.table} does not end`);
          open = { table: toTable(mark.table), columns: mark.columns, hash: createHash("sha256"), count: 0, batch: [] };
        } else if ("end" in mark) {
          checkFoot(open, mark);
          if (open !== undefined && open.batch.length > 0) yield { table: open.table, rows: open.batch };
          open = undefined;
        } else {
          isComplete = true;
        }
      }
    }
    if (failure !== undefined) throw failure;
    if (!isComplete || open !== undefined) throw new Error("it was cut off");
  } finally {
    source.destroy();
    unzipped.destroy();
  }
}
