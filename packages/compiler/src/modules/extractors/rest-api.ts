import { z } from "zod";
import { toPlanOptions } from "../../params/to-plan-value.ts";
import { defineModule } from "../module-definition.ts";

const Text = z.string().max(10_000);

/** How the next page is asked for. */
const Pagination = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("none") }),
  z.strictObject({
    type: z.literal("page"),
    param: z.string().min(1).max(100).default("page"),
    start: z.int().min(0).default(1),
    size_param: z.string().min(1).max(100).optional(),
    size: z.int().positive().optional(),
  }),
  z.strictObject({
    type: z.literal("offset"),
    param: z.string().min(1).max(100).default("offset"),
    size_param: z.string().min(1).max(100).default("limit"),
    size: z.int().positive().default(100),
  }),
  z.strictObject({
    type: z.literal("cursor"),
    param: z.string().min(1).max(100).default("cursor"),
    /** Where the answer has the next cursor; none ends the reading. */
    cursor_path: z.string().startsWith("$").max(500),
  }),
  z.strictObject({ type: z.literal("link") }),
]);

export const restApiExtractor = defineModule({
  name: "rest-api-extractor",
  displayName: "REST API",
  description: "Reads rows from an HTTP API, page by page.",
  type: "extractor",
  category: "services",
  icon: "globe",
  inputs: [],
  config: z.strictObject({
    url: z
      .string()
      .min(1)
      .max(4_000)
      .meta({ title: "Address", format: "uri", examples: ["https://api.example.org/orders"] }),
    method: z.enum(["GET", "POST"]).default("GET").meta({ title: "Method" }),
    headers: z.record(z.string().min(1).max(200), Text).default({}).meta({ title: "Headers" }),
    params: z.record(z.string().min(1).max(200), Text).default({}).meta({ title: "Query" }),
    body: z.json().optional().meta({ title: "Body" }),
    auth_type: z.enum(["none", "basic", "bearer", "api_key"]).default("none").meta({ title: "Sign in with" }),
    connection_id: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .meta({ title: "Connection", format: "connection" })
      .describe("Holds the secret; never written into the pipeline."),
    api_key_header: z.string().min(1).max(200).default("X-API-Key").meta({ title: "Header of the key" }),
    timeout: z.number().min(1).max(300).default(30).meta({ title: "Seconds for a page" }),
    retries: z.int().min(0).max(20).default(3).meta({ title: "Tries after a failure of the service" }),
    pagination: Pagination.default({ type: "none" }).meta({ title: "Pages" }),
    max_pages: z.int().min(1).max(1_000_000).default(10_000).meta({ title: "At most so many pages" }),
    response_path: z
      .string()
      .startsWith("$")
      .max(500)
      .default("$")
      .meta({ title: "Where the rows stand", examples: ["$.data"] }),
    columns: z
      .record(z.string().min(1), z.string().min(1).max(100))
      .default({})
      .meta({ title: "Types", examples: [{ id: "BIGINT", ordered_at: "TIMESTAMPTZ" }] })
      .describe("Types of DuckDB by column; the others are found from the rows. Needed where no rows may come."),
  }),
  connections: ({ auth_type: type, connection_id: id }) =>
    type === "none" ? [] : [{ field: "connection_id", id: id ?? "", kinds: ["http"] }],
  compile: ({ connection_id: connection = null, ...config }) => ({
    kind: "read",
    connector: "rest",
    connection,
    options: toPlanOptions(config),
  }),
});
