import { defineRoute } from "../route.ts";
import {
  ModuleAddress,
  ModulePage,
  ModuleQuery,
  ModuleReloadView,
  ModuleSchemaAddress,
  ModuleSchemaView,
  ModuleView,
} from "../schemas/modules.ts";

const area = "Modules";

export const listModules = defineRoute({
  id: "listModules",
  method: "GET",
  path: "/api/v1/modules",
  area,
  summary: "List what a node of a pipeline can be",
  permission: "pipeline:read",
  query: ModuleQuery,
  response: ModulePage,
  errors: [],
  example: { query: { type: "extractor" } },
});

export const reloadModules = defineRoute({
  id: "reloadModules",
  method: "POST",
  path: "/api/v1/modules/reload",
  area,
  summary: "Read the folders of modules.paths again",
  permission: "pipeline:write",
  audited: true,
  response: ModuleReloadView,
  errors: [],
});

export const getModule = defineRoute({
  id: "getModule",
  method: "GET",
  path: "/api/v1/modules/{module}",
  area,
  summary: "Show a module",
  permission: "pipeline:read",
  params: ModuleAddress,
  response: ModuleView,
  errors: ["MODULE_UNKNOWN"],
  example: { params: { module: "csv-extractor" } },
});

export const getModuleSchema = defineRoute({
  id: "getModuleSchema",
  method: "GET",
  path: "/api/v1/modules/{type}/{name}/schema",
  area,
  summary: "Show the JSON Schema of a module's config, and what fields are that are left out",
  permission: "pipeline:read",
  params: ModuleSchemaAddress,
  response: ModuleSchemaView,
  errors: ["MODULE_UNKNOWN"],
  example: { params: { type: "extractor", name: "csv-extractor" } },
});
