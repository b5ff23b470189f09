import { NODE_TYPES } from "@airfleet/model";
import { z } from "zod";
import { JsonObject, QueryBoolean } from "./primitives.ts";

export const ModuleAddress = z.strictObject({ module: z.string().min(1).max(200) });
export const ModuleSchemaAddress = z.strictObject({
  type: z.string().min(1).max(50),
  name: z.string().min(1).max(200),
});

export const ModuleQuery = z.strictObject({
  type: z.enum(NODE_TYPES).optional(),
  category: z.string().min(1).max(100).optional(),
  is_active: QueryBoolean.optional().describe("All modules that are there are active"),
  search: z.string().min(1).max(200).optional(),
});

export const ModuleView = z
  .object({
    /** The module's name. */
    id: z.string(),
    name: z.string(),
    display_name: z.string(),
    description: z.string(),
    type: z.enum(NODE_TYPES),
    category: z.string(),
    version: z.string(),
    /** Always null: modules are compiled, and have no class. */
    python_class: z.null(),
    /** JSON Schema of a node's config: titles, defaults, examples. */
    config_schema: JsonObject,
    /** Names of the inputs; `named` ones are called by the edges that lead to them. */
    input_schema: z.object({
      inputs: z.array(z.object({ name: z.string(), required: z.boolean() })),
      named: z.boolean(),
      least: z.number().int(),
    }),
    output_schema: z.object({ rows: z.boolean() }),
    /** Fields of the config that name a connection. */
    required_connections: z.array(z.string()),
    tags: z.array(z.string()),
    is_active: z.boolean(),
    /** Pipelines that use it. */
    usage_count: z.number().int(),
    icon: z.string(),
    documentation_url: z.string().nullable(),
    /** `built-in`, or `own`: from a folder of modules.paths. */
    source: z.enum(["built-in", "own"]),
  })
  .meta({ id: "Module" });
export type ModuleView = z.infer<typeof ModuleView>;

/** Ours, and that of older servers beside it. */
export const ModulePage = z
  .object({
    items: z.array(ModuleView),
    next_cursor: z.null(),
    modules: z.array(ModuleView),
    total: z.number().int(),
    /** Folders of modules.paths that hold no module, with the reason. */
    refused: z.array(z.object({ file: z.string(), reason: z.string() })),
  })
  .meta({ id: "ModulePage" });

export const ModuleSchemaView = z.object({ schema: JsonObject, defaults: JsonObject }).meta({ id: "ModuleSchema" });

export const ModuleReloadView = z
  .object({
    modules: z.number().int(),
    own: z.array(z.string()),
    refused: z.array(z.object({ file: z.string(), reason: z.string() })),
  })
  .meta({ id: "ModulesReloaded" });
