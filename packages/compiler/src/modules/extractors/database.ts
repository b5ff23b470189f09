import { z } from "zod";
import { bindReferences } from "../../params/bind-references.ts";
import { type ModuleDefinition, defineModule } from "../module-definition.ts";

const Query = z.strictObject({
  connection_id: z.string().min(1).max(200).meta({ title: "Connection", format: "connection" }),
  query: z
    .string()
    .min(1)
    .max(100_000)
    .meta({ title: "Query", format: "sql", examples: ["select * from orders where day = {{ params.day }}"] }),
  limit: z.int().positive().optional().meta({ title: "At most so many rows" }),
  offset: z.int().min(0).default(0).meta({ title: "Rows to skip" }),
  fetch_size: z.int().min(1).max(1_000_000).default(10_000).meta({ title: "Rows at a time" }),
  timeout: z.number().positive().max(86_400).default(300).meta({ title: "Seconds" }),
});

const databaseExtractor = (name: "postgres" | "mysql", displayName: string): ModuleDefinition =>
  defineModule({
    name: `${name}-extractor`,
    displayName,
    description: `Reads the rows of a query from ${displayName}. Parameters are bound, never pasted.`,
    type: "extractor",
    category: "databases",
    icon: "database",
    inputs: [],
    config: Query,
    connections: ({ connection_id: id }) => [{ field: "connection_id", id, kinds: [name] }],
    compile: ({ connection_id: connection, query, limit = null, ...options }) => {
      const { text, params } = bindReferences(query.trim().replace(/;\s*$/, ""));
      return {
        kind: "read",
        connector: name,
        connection,
        options: { ...options, limit, query: text, query_params: params },
      };
    },
  });

export const postgresExtractor = databaseExtractor("postgres", "PostgreSQL");
export const mysqlExtractor = databaseExtractor("mysql", "MySQL");
