import { z } from "zod";
import { toPlanOptions } from "../../params/to-plan-value.ts";
import { defineModule } from "../module-definition.ts";
import { dataPath, delimiter, ENCODINGS } from "../paths.ts";

export const csvLoader = defineModule({
  name: "csv-loader",
  displayName: "CSV",
  description: "Writes a file of separated values, beside the old one, and then takes its place.",
  type: "loader",
  category: "files",
  icon: "file-spreadsheet",
  inputs: [{ name: "input", required: true }],
  config: z.strictObject({
    file_path: dataPath("File or folder"),
    filename: z
      .string()
      .min(1)
      .max(255)
      .optional()
      .meta({ title: "Name in the folder", examples: ["output.csv"] }),
    delimiter,
    encoding: z.enum(ENCODINGS).default("utf-8").meta({ title: "Encoding" }),
    include_header: z.boolean().default(true).meta({ title: "Write the names first" }),
    quote_all: z.boolean().default(false).meta({ title: "Quote every value" }),
    append_mode: z.boolean().default(false).meta({ title: "Append to the file" }),
    create_dirs: z.boolean().default(true).meta({ title: "Make missing folders" }),
  }),
  compile: ({ append_mode: isAppending, ...config }) => ({
    kind: "write",
    connector: "csv",
    mode: isAppending ? "append" : "replace",
    keys: [],
    connection: null,
    options: toPlanOptions(config),
  }),
});
