import { type Micros, parseDate } from "../clock/instant.ts";
import { pythonRepr } from "../http/python-text.ts";
import type { Request } from "../http/request.ts";
import { badRequest } from "./problem.ts";

export interface BodyField {
  readonly type: "string" | "object" | "boolean" | "integer" | "array" | "date-time";
  readonly isNullable?: boolean;
  readonly isReadOnly?: boolean;
  readonly isRequired?: boolean;
  readonly options?: readonly string[];
  readonly minimum?: number;
  readonly maxLength?: number;
}

/** The keys that an operation's body may have. */
export type BodySpec = Readonly<Record<string, BodyField>>;
export type Body = Readonly<Record<string, unknown>>;

const hasType = (type: BodyField["type"], value: unknown): boolean => {
  switch (type) {
    case "string":
    case "date-time":
      return typeof value === "string";
    case "boolean":
      return typeof value === "boolean";
    case "integer":
      return typeof value === "number" && Number.isInteger(value);
    case "array":
      return Array.isArray(value);
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    default:
      return type satisfies never;
  }
};

/** What connexion checks: the JSON schema of the API's description. */
const checkSchema = (name: string, field: BodyField, value: unknown): void => {
  if (field.isReadOnly === true) badRequest(`Property is read-only - '${name}'`);
  if (value === null && (field.isNullable === true || field.type === "date-time")) return;
  const type = field.type === "date-time" ? "string" : field.type;
  if (!hasType(field.type, value)) badRequest(`${pythonRepr(value)} is not of type '${type}' - '${name}'`);
  if (field.options !== undefined && typeof value === "string" && !field.options.includes(value)) {
    badRequest(`${pythonRepr(value)} is not one of ${pythonRepr([...field.options])} - '${name}'`);
  }
  if (field.minimum !== undefined && typeof value === "number" && value < field.minimum) {
    badRequest(`${value} is less than the minimum of ${field.minimum} - '${name}'`);
  }
  // A date without a time zone is none.
  if (field.type === "date-time" && typeof value === "string" && parseDate(value).kind !== "aware") {
    badRequest(`${pythonRepr(value)} is not a 'date-time' - '${name}'`);
  }
};

/** What marshmallow checks after that. */
const checkField = (name: string, field: BodyField, value: unknown): void => {
  if (value === null && field.type === "date-time" && field.isNullable !== true) {
    badRequest(`{'${name}': ['Field may not be null.']}`);
  }
  if (field.maxLength !== undefined && typeof value === "string" && value.length > field.maxLength) {
    badRequest(`{'${name}': ['Longer than maximum length ${field.maxLength}.']}`);
  }
};

const parse = (request: Request): unknown => {
  if (request.body === "") return badRequest("Request body must not be empty");
  try {
    return JSON.parse(request.body) as unknown;
  } catch {
    return badRequest("Request body is not valid JSON");
  }
};

/** Reads a body as connexion and marshmallow do together: types first, then unknown keys, each as 400. */
export const readBody = (request: Request, spec: BodySpec): Body => {
  const value = parse(request);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return badRequest(`${pythonRepr(value)} is not of type 'object'`);
  }
  const given = Object.entries(spec).filter(([name]) => Object.hasOwn(value, name));
  for (const [name, field] of given) checkSchema(name, field, (value as Body)[name]);
  for (const [name, field] of given) checkField(name, field, (value as Body)[name]);
  const unknown = Object.keys(value).filter((name) => !Object.hasOwn(spec, name));
  if (unknown.length > 0) {
    badRequest(`{${unknown.map((name) => `${pythonRepr(name)}: ['Unknown field.']`).join(", ")}}`);
  }
  for (const [name, field] of Object.entries(spec)) {
    if (field.isRequired === true && !Object.hasOwn(value, name)) badRequest(`'${name}' is a required property`);
  }
  return value as Body;
};

export const textOf = (body: Body, name: string): string | undefined => {
  const value = body[name];
  return typeof value === "string" ? value : undefined;
};

export const numberOf = (body: Body, name: string): number | undefined => {
  const value = body[name];
  return typeof value === "number" ? value : undefined;
};

export const flagOf = (body: Body, name: string): boolean | undefined => {
  const value = body[name];
  return typeof value === "boolean" ? value : undefined;
};

export const dateOf = (body: Body, name: string): Micros | undefined => {
  const value = body[name];
  const parsed = typeof value === "string" ? parseDate(value) : undefined;
  return parsed === undefined || parsed.kind === "invalid" ? undefined : parsed.at;
};

export const textsOf = (body: Body, name: string): string[] | undefined => {
  const value = body[name];
  return Array.isArray(value) ? value.map(String) : undefined;
};

export const objectOf = (body: Body, name: string): Body | undefined => {
  const value = body[name];
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Body) : undefined;
};
