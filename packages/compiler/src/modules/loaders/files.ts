import { z } from "zod";
import { toPlanOptions } from "../../params/to-plan-value.ts";
import { type ModuleDefinition, defineModule } from "../module-definition.ts";
import { dataPath } from "../paths.ts";

const base = {
  file_path: dataPath(),
  create_dirs: z.boolean().default(true).meta({ title: "Make missing folders" }),
};

const fileLoader = <Config extends Readonly<Record<string, unknown>>>(
  name: "json" | "parquet" | "excel",
  about: Pick<ModuleDefinition, "displayName" | "description" | "icon"> & { readonly config: z.ZodType<Config> },
): ModuleDefinition =>
  defineModule({
    ...about,
    name: `${name}-loader`,
    type: "loader",
    category: "files",
    inputs: [{ name: "input", required: true }],
    compile: (config) => ({
      kind: "write",
      connector: name,
      mode: "replace",
      keys: [],
      connection: null,
      options: toPlanOptions(config),
    }),
  });

export const jsonLoader = fileLoader("json", {
  displayName: "JSON",
  description: "Writes JSON: a list of objects, or an object on each line.",
  icon: "file-json",
  config: z.strictObject({ ...base, format: z.enum(["array", "lines"]).default("lines").meta({ title: "Form" }) }),
});

export const parquetLoader = fileLoader("parquet", {
  displayName: "Parquet",
  description: "Writes a Parquet file.",
  icon: "file-box",
  config: z.strictObject({
    ...base,
    compression: z.enum(["zstd", "snappy", "gzip", "uncompressed"]).default("zstd").meta({ title: "Compression" }),
  }),
});

export const excelLoader = fileLoader("excel", {
  displayName: "Excel",
  description: "Writes a sheet of a new .xlsx workbook; 1,048,575 rows at most.",
  icon: "sheet",
  config: z.strictObject({
    ...base,
    sheet: z.string().min(1).max(31).default("Sheet1").meta({ title: "Sheet" }),
    include_header: z.boolean().default(true).meta({ title: "Write the names first" }),
  }),
});
