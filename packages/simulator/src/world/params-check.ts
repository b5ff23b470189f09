import { pythonRepr } from "../http/python-text.ts";
import type { DagSpec, ParamSpec } from "../specs/dag-spec.ts";

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  integer: (value) => typeof value === "number" && Number.isInteger(value),
  number: (value) => typeof value === "number",
  string: (value) => typeof value === "string",
  boolean: (value) => typeof value === "boolean",
  object: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  array: Array.isArray,
  null: (value) => value === null,
};

interface Failure {
  readonly text: string;
  readonly keyword: string;
}

const failureOf = (schema: ParamSpec["schema"], value: unknown): Failure | undefined => {
  const { type, minimum, maximum, enum: allowed } = schema;
  const shown = pythonRepr(value);
  const types = Array.isArray(type) ? (type as unknown[]) : type === undefined ? [] : [type];
  if (types.length > 0 && !types.some((name) => TYPES[String(name)]?.(value) === true)) {
    return { text: `${shown} is not of type ${types.map(pythonRepr).join(", ")}`, keyword: "type" };
  }
  if (typeof minimum === "number" && typeof value === "number" && value < minimum) {
    return { text: `${shown} is less than the minimum of ${minimum}`, keyword: "minimum" };
  }
  if (typeof maximum === "number" && typeof value === "number" && value > maximum) {
    return { text: `${shown} is greater than the maximum of ${maximum}`, keyword: "maximum" };
  }
  if (Array.isArray(allowed) && !allowed.includes(value)) {
    return { text: `${shown} is not one of ${pythonRepr(allowed)}`, keyword: "enum" };
  }
  return undefined;
};

/** What both generations say about a conf that breaks the DAG's params; undefined when it is fine. */
export const complaintAboutConf = (spec: DagSpec, conf: Readonly<Record<string, unknown>>): string | undefined => {
  for (const [name, param] of Object.entries(spec.params ?? {})) {
    const value = name in conf ? conf[name] : param.value;
    if (value === undefined) return `Invalid input for param ${name}: No value passed and Param has no default value`;
    const failure = failureOf(param.schema, value);
    if (failure === undefined) continue;
    return [
      `Invalid input for param ${name}: ${failure.text}`,
      "",
      `Failed validating ${pythonRepr(failure.keyword)} in schema:`,
      `    ${pythonRepr(param.schema)}`,
      "",
      "On instance:",
      `    ${pythonRepr(value)}`,
    ].join("\n");
  }
  return undefined;
};
