import { z } from "zod";
import { toPlanOptions } from "../../params/to-plan-value.ts";
import { defineModule } from "../module-definition.ts";
import { dataPath } from "../paths.ts";

export const jsonExtractor = defineModule({
  name: "json-extractor",
  displayName: "JSON",
  description: "Reads JSON: a list of objects, or an object on each line.",
  type: "extractor",
  category: "files",
  icon: "file-json",
  tags: ["jsonl"],
  inputs: [],
  config: z.strictObject({
    path: dataPath(),
    format: z.enum(["auto", "array", "lines"]).default("auto").meta({ title: "Form" }),
    records_path: z
      .string()
      .regex(/^\$(\.[A-Za-z_][A-Za-z0-9_]*)*$/)
      .default("$")
      .meta({ title: "Where the list stands", examples: ["$.data.items"] }),
    columns: z.record(z.string().min(1), z.string().min(1).max(100)).default({}).meta({ title: "Types" }),
  }),
  compile: (config) => ({ kind: "read", connector: "json", connection: null, options: toPlanOptions(config) }),
});
