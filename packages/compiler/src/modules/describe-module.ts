import type { NodeType } from "@airfleet/model";
import { z } from "zod";
import { FIELD_NOTES } from "./field-notes.ts";
import type { InputPort, ModuleDefinition, NamedInputs } from "./module-definition.ts";

type Json = Readonly<Record<string, unknown>>;

/** A module as data: what forms and documentation are made of. */
export interface ModuleDescription {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly type: NodeType;
  readonly category: string;
  readonly version: string;
  readonly icon: string;
  readonly tags: readonly string[];
  readonly inputs: readonly InputPort[] | NamedInputs;
  /** JSON Schema of a node's config. */
  readonly configSchema: Json;
  /** What a field is that a node leaves out. */
  readonly defaults: Json;
  /** Fields of the config that name a connection. */
  readonly connectionFields: readonly string[];
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const entriesOf = (schema: Json): readonly (readonly [string, Json])[] => {
  const properties = schema["properties"];
  return isObject(properties)
    ? Object.entries(properties).filter((entry): entry is [string, Json] => isObject(entry[1]))
    : [];
};

/** A field with what stands below it in a form, where its schema does not say so itself. */
const withNote = (module: string, field: string, schema: Json): Json => {
  const note = FIELD_NOTES[`${module}.${field}`] ?? FIELD_NOTES[field];
  if (note === undefined) return schema;
  const { description = note.description, examples = note.example === undefined ? undefined : [note.example] } = schema;
  return { ...schema, description, ...(examples === undefined ? {} : { examples }) };
};

const withNotes = (module: string, schema: Json): Json => ({
  ...schema,
  properties: Object.fromEntries(
    entriesOf(schema).map(([field, property]) => [field, withNote(module, field, property)]),
  ),
});

const describe = (module: ModuleDefinition): ModuleDescription => {
  const { name, displayName, description, type, category, version, icon, tags, inputs } = module;
  const configSchema: Json =
    module.configSchema ?? withNotes(name, z.toJSONSchema(module.config, { io: "input" }) as Json);
  const fields = entriesOf(configSchema);
  return {
    name,
    displayName,
    description,
    type,
    category,
    version,
    icon,
    tags,
    inputs,
    configSchema,
    defaults: Object.fromEntries(
      fields.flatMap(([field, { default: value }]) => (value === undefined ? [] : [[field, value]])),
    ),
    connectionFields: fields.filter(([, { format }]) => format === "connection").map(([field]) => field),
  };
};

const described = new WeakMap<ModuleDefinition, ModuleDescription>();

/** Describes a module; made once for each. */
export const describeModule = (module: ModuleDefinition): ModuleDescription => {
  const known = described.get(module);
  if (known !== undefined) return known;
  const made = describe(module);
  described.set(module, made);
  return made;
};
