import type { ModuleView } from "@airfleet/contract";
import type { KnownModule } from "@airfleet/control";

const toInputs = ({ inputs }: KnownModule): ModuleView["input_schema"] =>
  "named" in inputs
    ? { inputs: [], named: true, least: inputs.least }
    : {
        inputs: inputs.map(({ name, required }) => ({ name, required })),
        named: false,
        least: inputs.filter(({ required }) => required).length,
      };

export const toModuleView = (module: KnownModule): ModuleView => ({
  id: module.name,
  name: module.name,
  display_name: module.displayName,
  description: module.description,
  type: module.type,
  category: module.category,
  version: module.version,
  python_class: null,
  config_schema: { ...module.configSchema },
  input_schema: toInputs(module),
  output_schema: { rows: module.type !== "loader" },
  required_connections: [...module.connectionFields],
  tags: [...module.tags],
  is_active: true,
  usage_count: module.usageCount,
  icon: module.icon,
  documentation_url: null,
  source: module.isOwn ? "own" : "built-in",
});
