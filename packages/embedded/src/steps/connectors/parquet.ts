import type { TableReference } from "@airfleet/model";
import { z } from "zod";
import { openDatabase } from "../duckdb/database.ts";
import { quoteName, quoteText } from "../duckdb/quote.ts";
import type { StepContext } from "../step-context.ts";
import { StepRefusal } from "../step-trouble.ts";
import { parseOptions } from "./options.ts";
import { ensureFolder, isFile, replaced } from "./replaced.ts";
import { resolvePath } from "./resolve-path.ts";

const ReadOptions = z.object({ path: z.string(), columns: z.array(z.string()) });
const WriteOptions = z.object({
  file_path: z.string(),
  create_dirs: z.boolean(),
  compression: z.enum(["zstd", "snappy", "gzip", "uncompressed"]),
});

/** Copies a file, or some of its columns, into the run's folder. */
export const readParquet = async (context: StepContext, given: unknown, target: string): Promise<TableReference> => {
  const options = parseOptions(ReadOptions, given);
  const file = await resolvePath(context.roots, options.path);
  if (!(await isFile(file))) throw new StepRefusal(`There is no file "${options.path}".`);
  const columns = options.columns.length === 0 ? "*" : options.columns.map(quoteName).join(", ");
  await using database = await openDatabase({ ...context, files: [file] });
  return await database.copyParquet(`select ${columns} from read_parquet(${quoteText(file)})`, target);
};

/** Writes a file. */
export const writeParquet = async (context: StepContext, given: unknown, rows: TableReference): Promise<number> => {
  const options = parseOptions(WriteOptions, given);
  const file = await resolvePath(context.roots, options.file_path);
  await ensureFolder(file, options.create_dirs);
  await replaced(file, async (fresh) => {
    await using database = await openDatabase({ ...context, files: [fresh], inputs: { rows } });
    await database.run(`copy rows to ${quoteText(fresh)} (format parquet, compression ${options.compression})`);
  });
  return rows.rows;
};
