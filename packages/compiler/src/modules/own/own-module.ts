import { suggestOrList } from "@airfleet/model";
import { z } from "zod";
import { toSql, user } from "../../sql/to-sql.ts";
import { type ConnectionUse, defineModule, type ModuleDefinition } from "../module-definition.ts";
import { parseSqlTemplate, type SqlTemplate, TemplateRefused } from "./sql-template.ts";
import { PYTHON_ENTRY, toPythonCall } from "./python-call.ts";

const Name = z
  .string()
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, "lower-case words joined by -")
  .max(100);
const PortName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/, "letters, digits and _");
const FileName = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/, "the name of a file in the same folder");

const Ports = z.union([
  z.array(z.strictObject({ name: PortName, required: z.boolean().default(true) })).max(20),
  z.strictObject({ named: z.literal(true), least: z.int().min(1).max(20).default(1) }),
]);

/** `module.yaml`. */
const Manifest = z
  .strictObject({
    name: Name,
    display_name: z.string().min(1).max(100),
    description: z.string().min(1).max(2_000),
    type: z.enum(
      ["extractor", "transformer"],
      "must be extractor or transformer; rows are written by the loaders that come with Airfleet",
    ),
    category: z.string().min(1).max(50).default("own"),
    version: z.string().min(1).max(50).default("1.0.0"),
    icon: z.string().min(1).max(50).default("puzzle"),
    tags: z.array(z.string().min(1).max(100)).max(50).default([]),
    inputs: Ports.optional(),
    config: z.looseObject({ type: z.literal("object") }).default({ type: "object", properties: {} }),
    sql: z.union([FileName, z.record(PortName, FileName)]).optional(),
    python: FileName.optional(),
    function: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/, "the name of a function")
      .default("transform"),
    timeout_seconds: z.number().positive().max(86_400).default(300),
  })
  .refine(({ sql, python }) => (sql === undefined) !== (python === undefined), {
    path: ["sql"],
    message: "name one of sql and python",
  });

/** Why a folder holds no module. */
export class OwnModuleRefused extends Error {
  override readonly name = "OwnModuleRefused";
}

/** A folder that somebody wrote, already read. */
export interface OwnModuleFiles {
  /** What `module.yaml` says. */
  readonly manifest: unknown;
  /** Text of a file beside it; undefined when there is none. */
  readonly file: (name: string) => string | undefined;
}

const readManifest = (manifest: unknown): z.infer<typeof Manifest> => {
  const parsed = Manifest.safeParse(manifest);
  if (parsed.success) return parsed.data;
  const reasons = parsed.error.issues.map((issue) => {
    const place = issue.path.length === 0 ? "" : `${issue.path.join(".")}: `;
    if (issue.code !== "unrecognized_keys") return `${place}${issue.message}`;
    return `${place}${issue.keys.join(", ")} is not known; ${suggestOrList(issue.keys[0] ?? "", Object.keys(Manifest.shape))}`;
  });
  throw new OwnModuleRefused(reasons.join("; "));
};

/** Fields are what a person fills in: anything else than those would be a slip of the pen. */
const toSchema = (schema: Readonly<Record<string, unknown>>): z.ZodType<Readonly<Record<string, unknown>>> => {
  try {
    const read = z.fromJSONSchema({ additionalProperties: false, ...schema });
    return read as z.ZodType<Readonly<Record<string, unknown>>>;
  } catch (error) {
    throw new OwnModuleRefused(
      `config is no JSON Schema that can be used: ${error instanceof Error ? error.message : ""}`,
    );
  }
};

const propertiesOf = (schema: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
  const { properties } = schema;
  return typeof properties === "object" && properties !== null ? (properties as Record<string, unknown>) : {};
};

const needFile = ({ file }: OwnModuleFiles, name: string): string => {
  const text = file(name);
  if (text === undefined) throw new OwnModuleRefused(`there is no file ${name} beside module.yaml`);
  return text;
};

const readTemplate = (files: OwnModuleFiles, name: string, known: readonly string[]): SqlTemplate => {
  try {
    const template = parseSqlTemplate(needFile(files, name).trim().replace(/;\s*$/, ""));
    const unknown = template.fields.find((field) => !known.includes(field));
    if (unknown === undefined) return template;
    throw new OwnModuleRefused(`${name}: config.${unknown} is no property of config; ${suggestOrList(unknown, known)}`);
  } catch (error) {
    if (error instanceof TemplateRefused) throw new OwnModuleRefused(`${name}: ${error.message}`);
    throw error;
  }
};

/** Fields whose format is `connection` name one, as in the modules that come with the product. */
const connectionFields = (schema: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.entries(propertiesOf(schema)).flatMap(([name, property]) =>
    typeof property === "object" && property !== null && "format" in property && property.format === "connection"
      ? [name]
      : [],
  );

/**
 * Makes a module of a folder that a team wrote. It compiles to an ordinary step, `sql` or `python`.
 *
 * @throws {OwnModuleRefused} with everything that keeps it from being one
 */
export const readOwnModule = (files: OwnModuleFiles): ModuleDefinition => {
  const manifest = readManifest(files.manifest);
  const config = toSchema(manifest.config);
  const known = Object.keys(propertiesOf(manifest.config));
  if (connectionFields(manifest.config).length > 0) {
    throw new OwnModuleRefused(
      "a module of your own cannot use a connection; read and write with the modules that can",
    );
  }
  const inputs = manifest.inputs ?? (manifest.type === "extractor" ? [] : [{ name: "input", required: true }]);
  if (manifest.type === "extractor" && !(Array.isArray(inputs) && inputs.length === 0)) {
    throw new OwnModuleRefused("inputs: an extractor has none");
  }
  const facts = {
    name: manifest.name,
    displayName: manifest.display_name,
    description: manifest.description,
    type: manifest.type,
    category: manifest.category,
    version: manifest.version,
    icon: manifest.icon,
    tags: manifest.tags,
    inputs: Array.isArray(inputs) ? inputs : { ...inputs, single: "input" },
    config,
    configSchema: manifest.config,
    connections: (): readonly ConnectionUse[] => [],
  };
  if (manifest.python !== undefined) {
    const source = needFile(files, manifest.python);
    const ports = Array.isArray(inputs) ? inputs.map(({ name }) => name) : null;
    return defineModule({
      ...facts,
      compile: (values, context) => ({
        kind: "python",
        code: toPythonCall({ source, function: manifest.function, config: values, inputs: context.inputs, ports }),
        function: PYTHON_ENTRY,
        timeoutSeconds: manifest.timeout_seconds,
      }),
    });
  }
  const named = typeof manifest.sql === "string" ? { out: manifest.sql } : (manifest.sql ?? {});
  const templates = Object.entries(named).map(([output, file]) => [output, readTemplate(files, file, known)] as const);
  if (templates.length === 0) throw new OwnModuleRefused("sql: name a file for at least one output");
  return defineModule({
    ...facts,
    outputs: () => templates.map(([output]) => output),
    compile: (values) => ({
      kind: "sql",
      outputs: Object.fromEntries(templates.map(([output, template]) => [output, toSql(user(template.fill(values)))])),
    }),
  });
};
