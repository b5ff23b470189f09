import type { TableReference } from "@airfleet/model";
import { z } from "zod";
import { openDatabase } from "../duckdb/database.ts";
import { quoteName, quoteText } from "../duckdb/quote.ts";
import type { StepContext } from "../step-context.ts";
import { StepRefusal } from "../step-trouble.ts";
import { checkTypeName, parseOptions, Types } from "./options.ts";
import { checkDepth } from "./json-depth.ts";
import { ensureFolder, isFile, replaced } from "./replaced.ts";
import { resolvePath } from "./resolve-path.ts";

const ReadOptions = z.object({
  path: z.string(),
  format: z.enum(["auto", "array", "lines"]),
  records_path: z.string(),
  columns: Types,
});
const WriteOptions = z.object({
  file_path: z.string(),
  create_dirs: z.boolean(),
  format: z.enum(["array", "lines"]),
});

const FORMATS = { auto: "auto", array: "array", lines: "newline_delimited" } as const;
/** One object may be so long: 64 MiB. */
const LONGEST_OBJECT = 67_108_864;

/** Reads a file into Parquet. */
export const readJson = async (context: StepContext, given: unknown, target: string): Promise<TableReference> => {
  const options = parseOptions(ReadOptions, given);
  const file = await resolvePath(context.roots, options.path);
  if (!(await isFile(file))) throw new StepRefusal(`There is no file "${options.path}".`);
  await checkDepth(file);
  const call = `read_json(${quoteText(file)}, format = '${FORMATS[options.format]}', sample_size = -1, maximum_object_size = ${LONGEST_OBJECT})`;
  const steps = options.records_path.split(".").slice(1);
  const all =
    steps.length === 0
      ? `select * from ${call}`
      : `select unnest(record) from (select unnest(${steps.map(quoteName).join(".")}) as record from ${call})`;
  const casts = Object.entries(options.columns).map(
    ([name, type]) => `cast(${quoteName(name)} as ${checkTypeName(type)}) as ${quoteName(name)}`,
  );
  const text = casts.length === 0 ? all : `select * replace (${casts.join(", ")}) from (${all})`;
  await using database = await openDatabase({ ...context, files: [file] });
  return await database.copyParquet(text, target);
};

/** Writes a file. */
export const writeJson = async (context: StepContext, given: unknown, rows: TableReference): Promise<number> => {
  const options = parseOptions(WriteOptions, given);
  const file = await resolvePath(context.roots, options.file_path);
  await ensureFolder(file, options.create_dirs);
  await replaced(file, async (fresh) => {
    await using database = await openDatabase({ ...context, files: [fresh], inputs: { rows } });
    await database.run(`copy rows to ${quoteText(fresh)} (format json, array ${options.format === "array"})`);
  });
  return rows.rows;
};
