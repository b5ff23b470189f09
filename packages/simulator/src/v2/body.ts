import { type Micros, parseDate } from "../clock/instant.ts";
import type { Request } from "../http/request.ts";
import { type Finding, invalid } from "./detail.ts";

export interface BodyField {
  readonly type: "string" | "dict" | "bool" | "int" | "list" | "datetime" | "any";
  readonly isNullable?: boolean;
  readonly isRequired?: boolean;
  readonly options?: readonly string[];
  readonly pattern?: RegExp;
  readonly minimum?: number;
  readonly maxLength?: number;
}

/** The keys that an operation's body may have. */
export type BodySpec = Readonly<Record<string, BodyField>>;
export type Body = Readonly<Record<string, unknown>>;

const WORDS = {
  string: ["string_type", "Input should be a valid string"],
  dict: ["dict_type", "Input should be a valid dictionary"],
  bool: ["bool_type", "Input should be a valid boolean"],
  int: ["int_type", "Input should be a valid integer"],
  list: ["list_type", "Input should be a valid list"],
} as const;

const isDict = (value: unknown): value is Body => typeof value === "object" && value !== null && !Array.isArray(value);

const hasType = (type: keyof typeof WORDS, value: unknown): boolean => {
  if (type === "dict") return isDict(value);
  if (type === "bool") return typeof value === "boolean";
  if (type === "int") return typeof value === "number" && Number.isInteger(value);
  return type === "list" ? Array.isArray(value) : typeof value === "string";
};

/** "'queued', 'success' or 'failed'". */
export const optionText = (options: readonly string[]): string => {
  const quoted = options.map((option) => `'${option}'`);
  return quoted.length === 1 ? String(quoted[0]) : `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)}`;
};

const dateFinding = (loc: Finding["loc"], value: unknown): Finding | undefined => {
  if (typeof value !== "string") {
    return { type: "datetime_type", loc, msg: "Input should be a valid datetime", input: value };
  }
  const { kind } = parseDate(value);
  if (kind === "invalid") {
    const error = value.length < 10 ? "input is too short" : "invalid character in year";
    return {
      type: "datetime_from_date_parsing",
      loc,
      msg: `Input should be a valid datetime or date, ${error}`,
      input: value,
      ctx: { error },
    };
  }
  return kind === "naive"
    ? { type: "timezone_aware", loc, msg: "Input should have timezone info", input: value }
    : undefined;
};

const findingOf = (name: string, field: BodyField, value: unknown): Finding | undefined => {
  const loc = ["body", name];
  if (field.type === "any" || (value === null && field.isNullable === true)) return undefined;
  if (field.type === "datetime") return dateFinding(loc, value);
  if (field.options !== undefined) {
    const expected = optionText(field.options);
    return typeof value === "string" && field.options.includes(value)
      ? undefined
      : { type: "enum", loc, msg: `Input should be ${expected}`, input: value, ctx: { expected } };
  }
  if (!hasType(field.type, value)) {
    const [type, msg] = WORDS[field.type];
    return { type, loc, msg, input: value };
  }
  if (field.pattern !== undefined && typeof value === "string" && !field.pattern.test(value)) {
    const pattern = field.pattern.source;
    return {
      type: "string_pattern_mismatch",
      loc,
      msg: `String should match pattern '${pattern}'`,
      input: value,
      ctx: { pattern },
    };
  }
  if (field.maxLength !== undefined && typeof value === "string" && value.length > field.maxLength) {
    const max = field.maxLength;
    return {
      type: "string_too_long",
      loc,
      msg: `String should have at most ${max} characters`,
      input: value,
      ctx: { max_length: max },
    };
  }
  if (field.minimum !== undefined && typeof value === "number" && value < field.minimum) {
    return {
      type: "greater_than_equal",
      loc,
      msg: `Input should be greater than or equal to ${field.minimum}`,
      input: value,
      ctx: { ge: field.minimum },
    };
  }
  return undefined;
};

const parse = (request: Request): unknown => {
  if (request.body === "") return invalid([{ type: "missing", loc: ["body"], msg: "Field required", input: null }]);
  try {
    return JSON.parse(request.body) as unknown;
  } catch {
    const ctx = { error: "Expecting value" };
    return invalid([{ type: "json_invalid", loc: ["body", 0], msg: "JSON decode error", input: {}, ctx }]);
  }
};

/** The findings of a value against a spec, in pydantic's order: known fields first, unknown ones last. */
export const findingsOf = (value: Body, spec: BodySpec): Finding[] => {
  const findings: Finding[] = [];
  for (const [name, field] of Object.entries(spec)) {
    if (Object.hasOwn(value, name)) {
      const finding = findingOf(name, field, value[name]);
      if (finding !== undefined) findings.push(finding);
    } else if (field.isRequired === true) {
      findings.push({ type: "missing", loc: ["body", name], msg: "Field required", input: value });
    }
  }
  for (const name of Object.keys(value)) {
    if (Object.hasOwn(spec, name)) continue;
    findings.push({
      type: "extra_forbidden",
      loc: ["body", name],
      msg: "Extra inputs are not permitted",
      input: value[name],
    });
  }
  return findings;
};

/** Reads a body as pydantic's strict models do: every complaint at once, as 422. */
export const readBody = (request: Request, spec: BodySpec): Body => {
  const value = parse(request);
  if (!isDict(value)) {
    return invalid([
      {
        type: "model_attributes_type",
        loc: ["body"],
        msg: "Input should be a valid dictionary or object to extract fields from",
        input: value,
      },
    ]);
  }
  const findings = findingsOf(value, spec);
  return findings.length > 0 ? invalid(findings) : value;
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
  return isDict(value) ? value : undefined;
};
