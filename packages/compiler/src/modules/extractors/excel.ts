import { z } from "zod";
import { toPlanOptions } from "../../params/to-plan-value.ts";
import { defineModule } from "../module-definition.ts";
import { dataPath } from "../paths.ts";

export const excelExtractor = defineModule({
  name: "excel-extractor",
  displayName: "Excel",
  description: "Reads a sheet of an .xlsx workbook.",
  type: "extractor",
  category: "files",
  icon: "sheet",
  inputs: [],
  config: z.strictObject({
    path: dataPath(),
    sheet: z
      .union([z.string().min(1).max(31), z.int().min(0)])
      .default(0)
      .meta({ title: "Sheet, by name or number" }),
    has_header: z.boolean().default(true).meta({ title: "The first line has the names" }),
    skip_rows: z.int().min(0).max(100_000).default(0).meta({ title: "Lines to skip" }),
    range: z
      .string()
      .regex(/^[A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7}$/)
      .optional()
      .meta({ title: "Range", examples: ["B2:F100"] }),
  }),
  compile: (config) => ({ kind: "read", connector: "excel", connection: null, options: toPlanOptions(config) }),
});
