import { z } from "zod";
import { toPlanOptions } from "../../params/to-plan-value.ts";
import { columns } from "../config-fields.ts";
import { defineModule } from "../module-definition.ts";
import { dataPath } from "../paths.ts";

export const parquetExtractor = defineModule({
  name: "parquet-extractor",
  displayName: "Parquet",
  description: "Reads Parquet files.",
  type: "extractor",
  category: "files",
  icon: "file-box",
  inputs: [],
  config: z.strictObject({ path: dataPath(), columns: columns("Only these columns").default([]) }),
  compile: (config) => ({ kind: "read", connector: "parquet", connection: null, options: toPlanOptions(config) }),
});
