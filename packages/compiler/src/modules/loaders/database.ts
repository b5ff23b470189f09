import { z } from "zod";
import { toPlanOptions } from "../../params/to-plan-value.ts";
import { type ModuleDefinition, defineModule } from "../module-definition.ts";
import { hasKey, KEY_NEEDED, keyColumns, writeMode } from "./write-mode.ts";

const Name = z.string().min(1).max(128);

const Table = z
  .strictObject({
    connection_id: z.string().min(1).max(200).meta({ title: "Connection", format: "connection" }),
    schema: Name.optional().meta({ title: "Schema" }),
    table: Name.meta({ title: "Table" }),
    mode: writeMode,
    keys: keyColumns,
    create_table: z.boolean().default(true).meta({ title: "Make the table when it is missing" }),
    timeout: z.number().positive().max(86_400).default(300).meta({ title: "Seconds" }),
  })
  .refine(hasKey, KEY_NEEDED);

const databaseLoader = (name: "postgres" | "mysql", displayName: string): ModuleDefinition =>
  defineModule({
    name: `${name}-loader`,
    displayName,
    description: `Writes rows into a table of ${displayName}: through a staging table, in one transaction.`,
    type: "loader",
    category: "databases",
    icon: "database",
    inputs: [{ name: "input", required: true }],
    config: Table,
    connections: ({ connection_id: id }) => [{ field: "connection_id", id, kinds: [name] }],
    compile: ({ connection_id: connection, mode, keys, ...config }) => ({
      kind: "write",
      connector: name,
      mode,
      keys,
      connection,
      options: toPlanOptions(config),
    }),
  });

export const postgresLoader = databaseLoader("postgres", "PostgreSQL");
export const mysqlLoader = databaseLoader("mysql", "MySQL");
