import { z } from "zod";
import { toPlanOptions } from "../../params/to-plan-value.ts";
import { defineModule } from "../module-definition.ts";

export const s3Loader = defineModule({
  name: "s3-loader",
  displayName: "S3",
  description: "Writes a CSV, JSON or Parquet object to S3 or any store that speaks its protocol.",
  type: "loader",
  category: "files",
  icon: "cloud",
  inputs: [{ name: "input", required: true }],
  config: z.strictObject({
    connection_id: z.string().min(1).max(200).meta({ title: "Connection", format: "connection" }),
    bucket: z.string().min(3).max(63).meta({ title: "Bucket" }),
    key: z.string().min(1).max(1_024).meta({ title: "Object" }),
    format: z.enum(["csv", "json", "parquet"]).default("parquet").meta({ title: "Format" }),
    options: z.record(z.string(), z.json()).default({}).meta({ title: "Options of the format" }),
  }),
  connections: ({ connection_id: id }) => [{ field: "connection_id", id, kinds: ["s3", "aws"] }],
  compile: ({ connection_id: connection, ...config }) => ({
    kind: "write",
    connector: "s3",
    mode: "replace",
    keys: [],
    connection,
    options: toPlanOptions(config),
  }),
});
