import { NativeReportSchema } from "../schemas/report-sources.ts";
import { describeSchema, type JsonSchema } from "./json-schema.ts";

/** The JSON Schema (2020-12) of one report in our own format. */
export const reportJsonSchema = (): JsonSchema => {
  const { id: _, ...schema } = describeSchema(NativeReportSchema, "input").schema;
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: "urn:airfleet:report:1",
    title: "A report to Airfleet, version 1",
    ...schema,
  };
};
