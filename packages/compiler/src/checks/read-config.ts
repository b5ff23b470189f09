import type { PipelineFinding, PipelineNode, StepBody } from "@airfleet/model";
import { MisplacedParam } from "../params/bind-references.ts";
import { foreignExpression, paramsIn, wholeReference } from "../params/param-references.ts";
import type { CompileContext, ConfiguredModule, ModuleDefinition } from "../modules/module-definition.ts";
import { finding } from "./finding.ts";

type Json = unknown;
type Params = Readonly<Record<string, unknown>>;

/** Where a reference stands alone in a config, and is to stand again after the schema has seen its default. */
interface Deferred {
  readonly path: readonly (string | number)[];
  readonly text: string;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * A config as its schema can judge it: a reference that stands alone, and whose default is no text, gives way to the
 * default.
 */
const withDefaults = (
  config: Json,
  params: Params,
): { readonly value: Json; readonly deferred: readonly Deferred[] } => {
  const deferred: Deferred[] = [];
  const visit = (value: Json, path: readonly (string | number)[]): Json => {
    if (typeof value === "string") {
      const name = wholeReference(value);
      const usual = name === undefined ? undefined : params[name];
      if (usual === undefined || usual === null || typeof usual === "string") return value;
      deferred.push({ path, text: value.trim() });
      return usual;
    }
    if (Array.isArray(value)) return value.map((item, index) => visit(item, [...path, index]));
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, visit(item, [...path, key])]));
  };
  return { value: visit(config, []), deferred };
};

/** Puts references back where the schema left the value that stood for them. */
export const restore = (parsed: Json, deferred: readonly Deferred[]): void => {
  for (const { path, text } of deferred) {
    let holder = parsed;
    for (const key of path.slice(0, -1)) {
      holder =
        isObject(holder) || Array.isArray(holder) ? (holder as Record<string | number, unknown>)[key] : undefined;
    }
    const last = path.at(-1);
    if (last !== undefined && (isObject(holder) || Array.isArray(holder)) && last in holder) {
      (holder as Record<string | number, unknown>)[last] = text;
    }
  }
};

const fieldOf = (path: readonly PropertyKey[]): string => ["config", ...path.map(String)].join(".");

const checkReferences = (node: PipelineNode, params: Params): readonly PipelineFinding[] => {
  const findings: PipelineFinding[] = [];
  for (const name of paramsIn(node.data.config)) {
    if (Object.hasOwn(params, name)) continue;
    findings.push(
      finding({
        severity: "warning",
        type: "invalid_param",
        message: `Node "${node.id}" uses {{ params.${name} }}, which has no default.`,
        fix: `Add "${name}" to default_params, or give it with every run.`,
        node: node.id,
      }),
    );
  }
  const visit = (value: Json, path: readonly PropertyKey[]): void => {
    if (typeof value === "string") {
      const foreign = foreignExpression(value);
      if (foreign === undefined) return;
      findings.push(
        finding({
          severity: "warning",
          type: "invalid_param",
          message: `Node "${node.id}" has "${foreign.slice(0, 100)}", which is not replaced by anything.`,
          fix: "Parameters are written {{ params.name }}; other expressions stay as they are.",
          node: node.id,
          field: fieldOf(path),
        }),
      );
    } else if (Array.isArray(value)) value.forEach((item, index) => visit(item, [...path, index]));
    else if (isObject(value)) for (const [key, item] of Object.entries(value)) visit(item, [...path, key]);
  };
  visit(node.data.config, []);
  return findings;
};

/** A node whose config its module has accepted. */
export interface ReadConfig {
  readonly module: ConfiguredModule | null;
  readonly findings: readonly PipelineFinding[];
}

/** Reads a node's config with its module, and says of every field what is wrong with it. */
export const readConfig = (node: PipelineNode, module: ModuleDefinition, params: Params): ReadConfig => {
  const findings = [...checkReferences(node, params)];
  const { value, deferred } = withDefaults(node.data.config, params);
  const configured = module.configure(value, (parsed) => restore(parsed, deferred));
  if (configured.success) return { module: configured.data, findings };
  for (const issue of configured.error.issues) {
    findings.push(
      finding({
        type: "invalid_config",
        message: `Node "${node.id}": ${fieldOf(issue.path)}: ${issue.message}.`,
        fix: `See the settings of module "${module.name}".`,
        node: node.id,
        field: fieldOf(issue.path),
      }),
    );
  }
  return { module: null, findings };
};

/** What the step does, or why it cannot. */
export const compileBody = (
  node: PipelineNode,
  module: ConfiguredModule,
  context: CompileContext,
): { readonly body: StepBody } | { readonly finding: PipelineFinding } => {
  try {
    return { body: module.compile(context) };
  } catch (error) {
    if (!(error instanceof MisplacedParam)) throw error;
    return {
      finding: finding({
        type: "invalid_param",
        message: `Node "${node.id}": ${error.message}`,
        fix: "Write the name itself, or choose by a condition on the value.",
        node: node.id,
      }),
    };
  }
};
