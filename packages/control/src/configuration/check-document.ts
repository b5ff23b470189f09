import type { ErrorFinding } from "@airfleet/model";
import type { z } from "zod";
import type { SourceDocument } from "./document.ts";
import { toIssueTexts } from "./issue-text.ts";

/** The value at a path of parsed data; undefined where there is none. */
export const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown => {
  let current: unknown = value;
  for (const step of path) {
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, step)) return undefined;
    current = (current as Readonly<Record<PropertyKey, unknown>>)[step];
  }
  return current;
};

/** Either the parsed value or everything that is wrong with it, each with its place. */
export type Checked<Value> =
  | { readonly value: Value; readonly findings: readonly [] }
  | { readonly value: undefined; readonly findings: readonly ErrorFinding[] };

/** Holds a document against a schema. An empty file is an empty one, not a wrong one. */
export const checkDocument = <Schema extends z.ZodType>(
  document: SourceDocument,
  schema: Schema,
): Checked<z.output<Schema>> => {
  if (document.findings.length > 0) return { value: undefined, findings: document.findings };
  const given = document.value ?? {};
  const result = schema.safeParse(given);
  if (result.success) return { value: result.data, findings: [] };
  const findings = result.error.issues.flatMap((issue) =>
    toIssueTexts(issue, schema, valueAt(given, issue.path) === undefined).map(({ path, isAboutKey, message }) => ({
      pointer: isAboutKey ? document.locateKey(path) : document.locate(path),
      message,
    })),
  );
  return { value: undefined, findings };
};
