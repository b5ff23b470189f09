import { z } from "zod";
import { toPlanOptions } from "../../params/to-plan-value.ts";
import { defineModule } from "../module-definition.ts";

export const s3Extractor = defineModule({
  name: "s3-extractor",
  displayName: "S3",
  description: "Reads CSV, JSON or Parquet objects from S3 or any store that speaks its protocol.",
  type: "extractor",
  category: "files",
  icon: "cloud",
  inputs: [],
  config: z.strictObject({
    connection_id: z.string().min(1).max(200).meta({ title: "Connection", format: "connection" }),
    bucket: z.string().min(3).max(63).meta({ title: "Bucket" }),
    key: z.string().min(1).max(1_024).meta({ title: "Object, or the beginning of several followed by *" }),
    format: z.enum(["csv", "json", "parquet"]).default("csv").meta({ title: "Format" }),
    options: z.record(z.string(), z.json()).default({}).meta({ title: "Options of the format" }),
  }),
  connections: ({ connection_id: id }) => [{ field: "connection_id", id, kinds: ["s3", "aws"] }],
  compile: ({ connection_id: connection, ...config }) => ({
    kind: "read",
    connector: "s3",
    connection,
    options: toPlanOptions(config),
  }),
});
