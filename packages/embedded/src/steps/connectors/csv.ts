import { open, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { createReadStream } from "node:fs";
import { matchesGlob, type TableReference } from "@airfleet/model";
import { z } from "zod";
import { openDatabase } from "../duckdb/database.ts";
import { quoteList, quoteText } from "../duckdb/quote.ts";
import type { StepContext } from "../step-context.ts";
import { StepRefusal } from "../step-trouble.ts";
import { appendEncoded, toUtf8 } from "./encodings.ts";
import { EncodingName, parseOptions, Types } from "./options.ts";
import { ensureFolder, isFile, replaced } from "./replaced.ts";
import { resolvePath } from "./resolve-path.ts";

const ReadOptions = z.object({
  path: z.string(),
  delimiter: z.string(),
  quote: z.string(),
  encoding: EncodingName,
  has_header: z.boolean(),
  skip_rows: z.int().min(0),
  na_values: z.array(z.string()),
  columns: Types,
  on_bad_line: z.enum(["fail", "skip"]),
});
type ReadOptions = z.infer<typeof ReadOptions>;

const WriteOptions = z.object({
  file_path: z.string(),
  filename: z.string().optional(),
  delimiter: z.string(),
  encoding: EncodingName,
  include_header: z.boolean(),
  quote_all: z.boolean(),
  create_dirs: z.boolean(),
});

const matching = async (context: StepContext, given: string): Promise<readonly string[]> => {
  const file = await resolvePath(context.roots, given);
  const { dir, base } = path.parse(file);
  if (!base.includes("*")) {
    if (!(await isFile(file))) throw new StepRefusal(`There is no file "${given}".`);
    return [file];
  }
  const names = (await readdir(dir).catch(() => [])).filter(
    // Hidden files are not meant, and some are ours, half-written.
    (name) => matchesGlob(base, name) && (base.startsWith(".") || !name.startsWith(".")),
  );
  const found = names
    .toSorted((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)))
    .map((name) => path.join(dir, name));
  const files: string[] = [];
  for (const each of found) if (await isFile(each)) files.push(await resolvePath(context.roots, each));
  if (files.length === 0) throw new StepRefusal(`No file fits "${given}".`);
  return files;
};

const readCall = (files: readonly string[], options: ReadOptions): string => {
  const types = Object.entries(options.columns).map(([name, type]) => `${quoteText(name)}: ${quoteText(type)}`);
  const parts = [
    quoteList(files),
    `delim = ${quoteText(options.delimiter)}`,
    `quote = ${quoteText(options.quote)}`,
    `escape = ${quoteText(options.quote)}`,
    `header = ${options.has_header}`,
    `skip = ${options.skip_rows}`,
    `nullstr = ${quoteList(options.na_values)}`,
    // Types from all rows: those of the first would fail, or be wrong, further down.
    "sample_size = -1",
    "auto_detect = true",
    "union_by_name = false",
    `ignore_errors = ${options.on_bad_line === "skip"}`,
    ...(types.length === 0 ? [] : [`types = {${types.join(", ")}}`]),
  ];
  return `read_csv(${parts.join(", ")})`;
};

/** Reads files into one Parquet file. */
export const readCsv = async (context: StepContext, given: unknown, target: string): Promise<TableReference> => {
  const options = parseOptions(ReadOptions, given);
  const files = await matching(context, options.path);
  const texts: string[] = [];
  for (const file of files) {
    const text = options.encoding === "utf-8" ? file : path.join(context.scratch, `${texts.length}.csv`);
    if (options.encoding !== "utf-8") await toUtf8(file, text, options.encoding);
    texts.push(text);
  }
  await using database = await openDatabase({ ...context, files: texts });
  return await database.copyParquet(`select * from ${readCall(texts, options)}`, target);
};

/** Writes rows to a file, which changes wholly or not at all. Answers how many rows were written. */
export const writeCsv = async (
  context: StepContext,
  given: unknown,
  rows: TableReference,
  mode: string,
): Promise<number> => {
  const options = parseOptions(WriteOptions, given);
  const { file_path: place, filename } = options;
  const file = await resolvePath(context.roots, filename === undefined ? place : `${place}/${filename}`);
  await ensureFolder(file, options.create_dirs);
  const isAppending = mode === "append" && (await isFile(file)) && (await stat(file)).size > 0;
  const header = options.include_header && !isAppending;
  await replaced(file, async (fresh) => {
    const text = path.join(context.scratch, "rows.csv");
    {
      await using database = await openDatabase({ ...context, files: [text], inputs: { rows } });
      const quoted = options.quote_all ? ", force_quote *" : "";
      await database.run(
        `copy rows to ${quoteText(text)} (format csv, header ${header}, delimiter ${quoteText(options.delimiter)}${quoted})`,
      );
    }
    const target = await open(fresh, "w");
    try {
      if (isAppending) for await (const chunk of createReadStream(file)) await target.write(chunk as Buffer);
      await appendEncoded(text, target, options.encoding, isAppending);
    } finally {
      await target.close();
    }
  });
  return rows.rows;
};
