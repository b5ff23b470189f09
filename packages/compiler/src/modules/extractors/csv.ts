import { z } from "zod";
import { toPlanOptions } from "../../params/to-plan-value.ts";
import { defineModule } from "../module-definition.ts";
import { dataPath, delimiter, ENCODINGS } from "../paths.ts";

const Csv = z
  .strictObject({
    path: dataPath().optional(),
    /** What older clients call it. */
    file_id: dataPath().optional().meta({ title: "File", deprecated: true }),
    delimiter,
    quote: z.string().length(1).default('"').meta({ title: "Quotation mark" }),
    encoding: z.enum(ENCODINGS).default("utf-8").meta({ title: "Encoding" }),
    has_header: z.boolean().default(true).meta({ title: "The first line has the names" }),
    skip_rows: z.int().min(0).max(100_000).default(0).meta({ title: "Lines to skip" }),
    na_values: z.array(z.string().max(100)).max(100).default([""]).meta({ title: "Texts that mean: missing" }),
    columns: z
      .record(z.string().min(1), z.string().min(1).max(100))
      .default({})
      .meta({ title: "Types", examples: [{ zip: "VARCHAR", amount: "DECIMAL(12,2)" }] })
      .describe("Types of DuckDB by column; the others are found from the data."),
    on_bad_line: z.enum(["fail", "skip"]).default("fail").meta({ title: "Lines that do not fit" }),
  })
  .refine(({ path, file_id: fileId }) => (path === undefined) !== (fileId === undefined), {
    path: ["path"],
    message: "name the file",
  });

export const csvExtractor = defineModule({
  name: "csv-extractor",
  displayName: "CSV",
  description: "Reads files of separated values. A * in the path reads several, all with the same columns.",
  type: "extractor",
  category: "files",
  icon: "file-spreadsheet",
  inputs: [],
  config: Csv,
  compile: ({ path, file_id: fileId, ...options }) => ({
    kind: "read",
    connector: "csv",
    connection: null,
    options: toPlanOptions({ ...options, path: path ?? fileId }),
  }),
});
