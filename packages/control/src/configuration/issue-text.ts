import { suggestOrList } from "@airfleet/model";
import { z } from "zod";

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
}

/** The branches that a value of this schema may take. */
const branches = (node: SchemaNode): readonly SchemaNode[] => {
  const inner = [...(node.anyOf ?? []), ...(node.oneOf ?? [])];
  return inner.length === 0 ? [node] : inner.flatMap(branches);
};

/** The keys that a schema allows at a path. */
const knownKeys = (schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] => {
  let nodes = branches(z.toJSONSchema(schema, { io: "input" }) as SchemaNode);
  for (const step of path) {
    nodes = nodes.flatMap((node) => {
      const extra = typeof node.additionalProperties === "object" ? node.additionalProperties : undefined;
      const next = typeof step === "number" ? node.items : (node.properties?.[String(step)] ?? extra);
      return next === undefined ? [] : branches(next);
    });
  }
  return [...new Set(nodes.flatMap((node) => Object.keys(node.properties ?? {})))];
};

/** What a validation issue says to the person who wrote the value. The value itself never appears: it may be a secret. */
export interface IssueText {
  readonly path: readonly PropertyKey[];
  /** The finding is about the key, not its value. */
  readonly isAboutKey: boolean;
  readonly message: string;
}

const NAMES: Readonly<Record<string, string>> = {
  array: "a list",
  boolean: "true or false",
  int: "a whole number",
  number: "a number",
  object: "keys with values",
  record: "keys with values",
  string: "text",
};

/** Words for one issue; several for several unknown keys. */
export const toIssueTexts = (issue: z.core.$ZodIssue, schema: z.ZodType, isAbsent: boolean): readonly IssueText[] => {
  const say = (message: string): readonly IssueText[] => [{ path: issue.path, isAboutKey: false, message }];
  const name = String(issue.path.at(-1) ?? "the file");
  if (issue.code === "unrecognized_keys") {
    const allowed = knownKeys(schema, issue.path);
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      isAboutKey: true,
      message: `unknown key "${key}": ${suggestOrList(key, allowed)}`,
    }));
  }
  if (isAbsent) return say(`"${name}" is missing`);
  switch (issue.code) {
    case "invalid_type":
      return say(`"${name}" must be ${NAMES[issue.expected] ?? issue.expected}`);
    case "invalid_value":
      return say(`"${name}" must be one of ${issue.values.map(String).join(", ")}`);
    case "invalid_format":
      return say(`"${name}" must be ${issue.format === "url" ? "an http:// or https:// URL" : issue.message}`);
    case "too_small":
    case "too_big":
      return say(`"${name}" is out of range: ${issue.message.replace(/^Too (small|big): /, "")}`);
    case "invalid_union":
      return say(
        issue.path.at(-1) === "type"
          ? `"type" must be one of basic, bearer, login, exec, mwaa, jwt, none`
          : `"${name}" must be text, {env: NAME} or {file: PATH}`,
      );
    case "invalid_key":
      return say(`the key "${name}" is not allowed: ${issue.issues[0]?.message ?? issue.message}`);
    case "invalid_element":
    case "not_multiple_of":
    case "custom":
      return say(`"${name}": ${issue.message}`);
    default:
      return issue satisfies never;
  }
};
