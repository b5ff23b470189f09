import { type Micros, parseDate } from "../clock/instant.ts";
import { pythonRepr } from "../http/python-text.ts";
import type { Request } from "../http/request.ts";
import { type Finding, invalid } from "./detail.ts";

export interface BodyField {
  readonly type: "string" | "dict" | "bool" | "int" | "list" | "datetime" | "any";
  readonly isNullable?: boolean;
  readonly isRequired?: boolean;
  readonly options?: readonly string[];
  /** What the items of a list may be. */
  readonly itemOptions?: readonly string[];
  /** A choice checked by code instead of an enum; the complaint reads differently. */
  readonly choices?: readonly string[];
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

/** What is said about a text that should be a value of this type. */
const UNPARSABLE = {
  bool: ["bool_parsing", "Input should be a valid boolean, unable to interpret input"],
  int: ["int_parsing", "Input should be a valid integer, unable to parse string as an integer"],
} as const;

const isDict = (value: unknown): value is Body => typeof value === "object" && value !== null && !Array.isArray(value);

/** Texts that pydantic takes for a boolean. */
const BOOLEANS: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  ...["true", "1", "yes", "on", "t", "y", 1, true].map((word) => [word, true] as const),
  ...["false", "0", "no", "off", "f", "n", 0, false].map((word) => [word, false] as const),
]);

const toBoolean = (value: unknown): boolean | undefined =>
  BOOLEANS.get(typeof value === "string" ? value.toLowerCase() : value);

const toInteger = (value: unknown): number | undefined => {
  if (typeof value === "number" && Number.isInteger(value)) return value;
  return typeof value === "string" && /^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : undefined;
};

const hasType = (type: keyof typeof WORDS, value: unknown): boolean => {
  if (type === "dict") return isDict(value);
  if (type === "bool") return toBoolean(value) !== undefined;
  if (type === "int") return toInteger(value) !== undefined;
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
  if (field.choices !== undefined && !(typeof value === "string" && field.choices.includes(value))) {
    const msg = `Value error, ${pythonRepr(value)} is not one of ${pythonRepr([...field.choices])}`;
    return { type: "value_error", loc, msg, input: value, ctx: { error: {} } };
  }
  if (field.itemOptions !== undefined && Array.isArray(value)) {
    const index = value.findIndex((item) => typeof item !== "string" || field.itemOptions?.includes(item) !== true);
    const expected = optionText(field.itemOptions);
    if (index >= 0)
      return {
        type: "enum",
        loc: [...loc, index],
        msg: `Input should be ${expected}`,
        input: value[index],
        ctx: { expected },
      };
  }
  if (field.options !== undefined) {
    const expected = optionText(field.options);
    return typeof value === "string" && field.options.includes(value)
      ? undefined
      : { type: "enum", loc, msg: `Input should be ${expected}`, input: value, ctx: { expected } };
  }
  if (!hasType(field.type, value)) {
    const [type, msg] =
      typeof value === "string" && field.type in UNPARSABLE
        ? UNPARSABLE[field.type as "bool" | "int"]
        : WORDS[field.type];
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
    const isObject = request.body.startsWith("{");
    const ctx = { error: isObject ? "Expecting property name enclosed in double quotes" : "Expecting value" };
    return invalid([
      { type: "json_invalid", loc: ["body", isObject ? 1 : 0], msg: "JSON decode error", input: {}, ctx },
    ]);
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
  return toInteger(body[name]);
};

export const flagOf = (body: Body, name: string): boolean | undefined => {
  return toBoolean(body[name]);
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
